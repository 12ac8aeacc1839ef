package import EnvoyAPI
package import MeshModel
import SwiftProtobuf

/// What a DestinationRule says of connections that carry no HTTP, besides their cluster.
package struct TCPDestination: Hashable, Sendable {
    /// Connections of a client go to the same endpoint.
    package var hashesSource = false
    package var tunnel: Tunnel?
    package var idleTimeout: Duration?
    package var maxDuration: Duration?

    package init() {}

    /// - Parameter subset: Empty for the whole service.
    package init(_ rule: DestinationRule?, port: Int, subset: String = "") {
        guard let rule else { return }
        let policy = rule.policy(port: port, subset: subset)
        hashesSource = policy.loadBalancer?.consistentHash?.key == .sourceAddress
        tunnel = policy.tunnel
        idleTimeout = policy.connectionPool?.tcpIdleTimeout
        maxDuration = policy.connectionPool?.maxConnectionDuration
    }

    /// Says it to a proxy of connections.
    package func apply(to proxy: inout Envoy_Extensions_Filters_Network_TcpProxy_V3_TcpProxy) {
        if hashesSource { proxy.hashPolicy = [.with { $0.sourceIp = .init() }] }
        if let tunnel {
            proxy.tunnelingConfig = .with {
                $0.hostname =
                    tunnel.host.contains(":") ? "[\(tunnel.host)]:\(tunnel.port)" : "\(tunnel.host):\(tunnel.port)"
                $0.usePost = tunnel.usesPost
            }
        }
        if let idleTimeout { proxy.idleTimeout = .init(idleTimeout) }
        if let maxDuration { proxy.maxDownstreamConnectionDuration = .init(maxDuration) }
    }
}
