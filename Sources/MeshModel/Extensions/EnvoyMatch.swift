/// Which resources, or parts of them, a patch is for. What is nil or empty matches all.
package enum EnvoyMatch: Hashable, Sendable {
    case anything
    case listener(EnvoyListenerMatch)
    case routeConfiguration(EnvoyRouteMatch)
    case cluster(EnvoyClusterMatch)

    package var listener: EnvoyListenerMatch? { if case .listener(let match) = self { match } else { nil } }
    package var routeConfiguration: EnvoyRouteMatch? {
        if case .routeConfiguration(let match) = self { match } else { nil }
    }
    package var cluster: EnvoyClusterMatch? { if case .cluster(let match) = self { match } else { nil } }
}

/// Listeners, or parts of them.
package struct EnvoyListenerMatch: Hashable, Sendable {
    package struct Chain: Hashable, Sendable {
        package var name = ""
        package var serverName = ""
        package var transportProtocol = ""
        package var applicationProtocols: [String] = []
        package var transportSocket = ""
        package var destinationPort: Int?
        /// Of a network filter.
        package var filter = ""
        /// Of an HTTP filter in it.
        package var subFilter = ""

        package init() {}
    }

    package var name = ""
    package var port: Int?
    package var listenerFilter = ""
    package var chain: Chain?

    package init() {}
}

/// Route configurations, or parts of them.
package struct EnvoyRouteMatch: Hashable, Sendable {
    package enum Action: String, Hashable, Sendable {
        case any = "ANY"
        case route = "ROUTE"
        case redirect = "REDIRECT"
        case directResponse = "DIRECT_RESPONSE"
    }

    package struct Route: Hashable, Sendable {
        package var name = ""
        package var action = Action.any

        package init() {}
    }

    package struct VirtualHost: Hashable, Sendable {
        package var name = ""
        package var domain = ""
        package var route: Route?

        package init() {}
    }

    package var name = ""
    package var port: Int?
    package var portName = ""
    /// `namespace/name`.
    package var gateway = ""
    package var virtualHost: VirtualHost?

    package init() {}
}

/// Clusters.
package struct EnvoyClusterMatch: Hashable, Sendable {
    package var name = ""
    package var service = ""
    package var subset = ""
    package var port: Int?

    package init() {}

    /// - Parameters:
    ///   - cluster: A name such as `outbound|9080|v1|reviews.default.svc.cluster.local`.
    ///   - hosts: Of the services that it is for, where its name does not tell.
    package func matches(_ cluster: String, hosts: [String] = []) -> Bool {
        if !name.isEmpty { return cluster == name }
        guard port != nil || !subset.isEmpty || !service.isEmpty else { return true }
        let parts = cluster.split(separator: "|", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4 else { return false }
        if let port, parts[1] != String(port) { return false }
        if !subset.isEmpty, parts[2] != subset { return false }
        return service.isEmpty || service == parts[3] || hosts.contains(service)
    }
}
