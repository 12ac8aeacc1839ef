/// The names of clusters, which dashboards and people's habits depend on.
package enum ClusterNames {
    /// Where calls go that no other cluster is there for: the address that was called.
    package static let passthrough = "PassthroughCluster"
    /// Nowhere.
    package static let blackHole = "BlackHoleCluster"
    /// The own workload, on ports that no service declares.
    package static let inboundPassthrough = "InboundPassthroughCluster"

    /// The host that a request names, looked up anew.
    package static let dynamicDNS = "AllowAnyDynamicDNSCluster"

    /// The proxy's own agent, which counts connections.
    package static let connectionLog = "als-grpc"

    /// A port of a service: `outbound|9080||reviews.default.svc.cluster.local`.
    package static func outbound(port: Int, subset: String = "", host: String) -> String {
        "outbound|\(port)|\(subset)|\(host)"
    }

    /// A port of the own workload: `inbound|9080||`.
    package static func inbound(port: Int) -> String { "inbound|\(port)||" }

    /// What clients ask for in TLS, in the alphabet of host names:
    /// `outbound_.9080_._.reviews.default.svc.cluster.local`.
    package static func serverName(port: Int, subset: String = "", host: String) -> String {
        "outbound_.\(port)_.\(subset)_.\(host)"
    }

    /// The name in statistics. The delimiter tells where it ends.
    static func statistics(_ name: String) -> String { "\(name);" }
}
