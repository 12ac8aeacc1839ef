import MeshModel

extension OutboundFallback {
    /// Where connections go that nothing else is there for.
    var connectionCluster: String {
        switch self {
        // Without a request there is no host to look up.
        case .passthrough, .dynamicDNS: ClusterNames.passthrough
        case .block: ClusterNames.blackHole
        case .proxy(let proxy): ClusterNames.outbound(port: proxy.port, subset: proxy.subset, host: proxy.host)
        }
    }

    /// What becomes of requests that nothing else is there for.
    var routes: RouteConfigurationInput.Fallback {
        switch self {
        case .passthrough: .allow(cluster: ClusterNames.passthrough)
        case .dynamicDNS: .allow(cluster: ClusterNames.dynamicDNS)
        case .block: .block
        case .proxy: .allow(cluster: connectionCluster)
        }
    }
}
