package import KubernetesModel

/// Why a call does not arrive.
package enum SimulationError: String, Hashable, Sendable {
    case noListener = "no-listener"
    case noFilterChain = "no-filter-chain"
    case multipleFilterChains = "multiple-filter-chains"
    case noVirtualHost = "no-virtual-host"
    case noRoute = "no-route"
    case tlsRedirect = "tls-redirect"
    case tls = "tls-error"
    case mutualTLS = "mtls-error"
    case content = "protocol-error"
}

/// What a proxy does with a call: all that was reached, step by step.
package struct Simulation: Hashable, Sendable {
    /// What becomes of the call in the end.
    package enum Outcome: Hashable, Sendable {
        /// It goes on to one of these, by weight; a single one has weight 100.
        case forwarded([WeightedCluster])
        /// The proxy answers itself.
        case answered(status: Int, detail: String)
        /// The connection ends.
        case closed(String)
    }

    package struct WeightedCluster: Hashable, Sendable {
        package var name: String
        package var weight: Int

        package init(name: String, weight: Int) {
            self.name = name
            self.weight = weight
        }
    }

    package var listener = ""
    package var filterChain = ""
    /// The name of the routes; empty if they stand in the listener.
    package var routeConfiguration = ""
    package var virtualHost = ""
    package var route = ""
    /// Empty if there are several, or none.
    package var cluster = ""
    package var error: SimulationError?
    /// It was taken as a request, not as a connection.
    package var isRequest = false
    /// What the request asks for when it goes on, after rewrites.
    package var forwardedHost = ""
    package var forwardedPath = ""
    package var outcome = Outcome.closed("")
    package var steps: [SimulationStep] = []

    package init() {}
}

/// One decision on the way of a call.
package struct SimulationStep: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        case listener
        case filterChain = "filter chain"
        case tls = "TLS"
        case routes
        case virtualHost = "virtual host"
        case route
        case policy
        case cluster
        case endpoint
    }

    package var kind: Kind
    /// Of what was chosen; empty if it has none.
    package var name: String
    /// Why it was chosen, or what it means.
    package var reason: String
    /// What was looked at before and did not match, with the reason why.
    package var passedOver: [String]
    /// The object that it was made from, where that is known.
    package var origin: StepOrigin?

    package init(
        _ kind: Kind, _ name: String, _ reason: String, passedOver: [String] = [], origin: StepOrigin? = nil
    ) {
        self.kind = kind
        self.name = name
        self.reason = reason
        self.passedOver = passedOver
        self.origin = origin
    }
}

/// Where in the configuration a decision comes from.
package struct StepOrigin: Hashable, Sendable, CustomStringConvertible {
    package var object: ObjectReference
    /// A path, such as `spec.http[0]`; empty for the object as a whole.
    package var field: String

    package init(_ object: ObjectReference, field: String = "") {
        self.object = object
        self.field = field
    }

    package var description: String { field.isEmpty ? "\(object)" : "\(object) \(field)" }
}
