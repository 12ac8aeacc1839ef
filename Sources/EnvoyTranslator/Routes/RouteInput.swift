package import MeshModel

/// All that decides one route: which requests it takes, and what becomes of them.
package struct RouteInput: Hashable, Sendable {
    package enum Action: Hashable, Sendable {
        case forward(ForwardAction)
        /// Ports are told apart from the one that was called, and from that of the protocol.
        case redirect(HTTPRedirect, calledPort: Int, endsTLS: Bool)
        case respond(DirectResponse)
    }

    package var name: String
    /// Of the request alone; nil: it takes all.
    package var match: HTTPMatch?
    package var action: Action
    /// What traces call it; empty for nothing.
    package var operation: String
    /// Of the object it comes from, as in the API server's URLs; empty without any.
    package var configuration: String
    package var headers: HeaderChanges
    package var fault: FaultRule?
    package var cors: CORSRule?

    package init(
        name: String, match: HTTPMatch? = nil, action: Action, operation: String = "", configuration: String = ""
    ) {
        self.name = name
        self.match = match
        self.action = action
        self.operation = operation
        self.configuration = configuration
        headers = HeaderChanges()
        fault = nil
        cors = nil
    }

    /// Takes every request that comes to it: no route after it is ever asked.
    package var takesAll: Bool { match?.takesAll ?? true }
}

/// To which clusters requests go, and how.
package struct ForwardAction: Hashable, Sendable {
    package struct Cluster: Hashable, Sendable {
        package var name: String
        /// Relative to the others; 0: it is the only one, and gets all.
        package var weight: Int
        package var headers: HeaderChanges

        package init(name: String, weight: Int = 0, headers: HeaderChanges = .init()) {
            self.name = name
            self.weight = weight
            self.headers = headers
        }
    }

    package struct MirrorCluster: Hashable, Sendable {
        package var name: String
        package var share: Share
    }

    /// At least one.
    package var clusters: [Cluster]
    /// Nil for as long as it takes.
    package var timeout: Duration?
    /// Nil: nothing is tried again.
    package var retries: RetryRule?
    package var rewrite: RequestRewrite?
    package var mirrors: [MirrorCluster]
    package var hashPolicies: [HashPolicy]
    /// Nil: any request may go anywhere.
    package var session: PersistentSession?

    package init(clusters: [Cluster], retries: RetryRule? = nil) {
        self.clusters = clusters
        timeout = nil
        self.retries = retries
        rewrite = nil
        mirrors = []
        hashPolicies = []
        session = nil
    }
}

extension RouteInput {
    /// The route of a service about which nothing is said: all requests, to all of its workloads.
    ///
    /// - Parameter retries: Nil for the built-in way.
    package static func toService(
        host: String, port: Int, retries: RetryRule? = nil, hashPolicies: [HashPolicy] = [],
        session: PersistentSession? = nil
    ) -> RouteInput {
        var forward = ForwardAction(clusters: [.init(name: ClusterNames.outbound(port: port, host: host))])
        forward.retries = .effective(retries, hashesRequests: !hashPolicies.isEmpty)
        forward.hashPolicies = hashPolicies
        forward.session = session
        return RouteInput(name: "default", action: .forward(forward), operation: "\(host):\(port)/*")
    }

    /// All requests, as they came, to a cluster.
    package static func toCluster(_ cluster: String, name: String) -> RouteInput {
        RouteInput(name: name, action: .forward(ForwardAction(clusters: [.init(name: cluster)])))
    }

    /// An answer to all requests.
    package static func answer(_ status: Int, name: String) -> RouteInput {
        RouteInput(name: name, action: .respond(DirectResponse(status: status)))
    }
}
