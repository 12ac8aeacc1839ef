package import KubernetesModel

/// Changes that people make to proxies' resources after everything else.
package struct EnvoyFilter: Hashable, Sendable {
    package var origin: ConfigurationOrigin
    /// The workloads it is for.
    package var target: PolicyTarget
    /// Lower is applied first.
    package var priority: Int
    /// In the order in which they are applied.
    package var patches: [EnvoyPatch]

    package init(
        origin: ConfigurationOrigin, target: PolicyTarget = .workloads([:]), priority: Int = 0,
        patches: [EnvoyPatch] = []
    ) {
        self.origin = origin
        self.target = target
        self.priority = priority
        self.patches = patches
    }
}

/// One change to the resources of a proxy.
package struct EnvoyPatch: Hashable, Sendable {
    /// Which part is changed.
    package enum Target: String, Hashable, Sendable {
        case listener = "LISTENER"
        case listenerFilter = "LISTENER_FILTER"
        case filterChain = "FILTER_CHAIN"
        case networkFilter = "NETWORK_FILTER"
        case httpFilter = "HTTP_FILTER"
        case routeConfiguration = "ROUTE_CONFIGURATION"
        case virtualHost = "VIRTUAL_HOST"
        case httpRoute = "HTTP_ROUTE"
        case cluster = "CLUSTER"
        case extensionConfig = "EXTENSION_CONFIG"
        /// What a proxy starts with.
        case bootstrap = "BOOTSTRAP"
    }

    package enum Context: String, Hashable, Sendable {
        case any = "ANY"
        case sidecarInbound = "SIDECAR_INBOUND"
        case sidecarOutbound = "SIDECAR_OUTBOUND"
        case gateway = "GATEWAY"
    }

    package enum Operation: String, Hashable, Sendable {
        case merge = "MERGE"
        case mergeReplacingLists = "MERGE_AND_REPLACE_LIST"
        case add = "ADD"
        case remove = "REMOVE"
        case insertBefore = "INSERT_BEFORE"
        case insertAfter = "INSERT_AFTER"
        case insertFirst = "INSERT_FIRST"
        case replace = "REPLACE"
    }

    /// Among the mesh's own filters, those that an added one comes after.
    package enum FilterClass: String, Hashable, Sendable {
        case authentication = "AUTHN"
        case authorization = "AUTHZ"
        case statistics = "STATS"
    }

    package var target: Target
    package var context: Context
    package var operation: Operation
    package var filterClass: FilterClass?
    package var proxy: ProxyMatch
    package var match: EnvoyMatch
    /// The protocol buffer, as JSON.
    package var value: JSONValue
    package var origin: ConfigurationOrigin
    /// Of the patch in its object, such as `spec.configPatches[0]`.
    package var path: String

    package init(
        _ target: Target, _ operation: Operation, context: Context = .any, value: JSONValue = .object([:]),
        match: EnvoyMatch = .anything, proxy: ProxyMatch = ProxyMatch(), filterClass: FilterClass? = nil,
        origin: ConfigurationOrigin, path: String = ""
    ) {
        self.target = target
        self.context = context
        self.operation = operation
        self.filterClass = filterClass
        self.proxy = proxy
        self.match = match
        self.value = value
        self.origin = origin
        self.path = path
    }

    /// Whether it is for what this side of this kind of proxy is sent.
    package func isFor(_ side: Context) -> Bool { target != .bootstrap && (context == .any || context == side) }

    /// Whether it is for what this kind of proxy starts with, which has no sides.
    package func isForBootstrap(of kind: Proxy.Kind) -> Bool {
        guard target == .bootstrap else { return false }
        return switch context {
        case .any: true
        case .sidecarInbound, .sidecarOutbound: kind == .sidecar
        case .gateway: kind == .router
        }
    }
}

/// What a proxy has to say of itself for a patch to be for it.
package struct ProxyMatch: Hashable, Sendable {
    /// A regular expression, found anywhere in the version that the proxy says.
    package var version: String
    package var metadata: [String: String]

    package init(version: String = "", metadata: [String: String] = [:]) {
        self.version = version
        self.metadata = metadata
    }

    /// - Parameter said: Node metadata, with the version as `ISTIO_VERSION`.
    package func matches(_ said: [String: String]) -> Bool {
        guard metadata.allSatisfy({ said[$0.key] == $0.value }) else { return false }
        guard !version.isEmpty else { return true }
        guard let version = said["ISTIO_VERSION"], let pattern = try? Regex(self.version) else { return false }
        return version.contains(pattern)
    }

    /// The metadata that it looks at.
    package var metadataKeys: Set<String> {
        Set(metadata.keys).union(version.isEmpty ? [] : ["ISTIO_VERSION"])
    }
}
