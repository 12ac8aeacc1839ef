package import MeshModel

/// All that decides the cluster of one port of a service.
package struct OutboundClusterInput: Hashable, Sendable {
    /// Where its endpoints come from.
    package enum Discovery: Hashable, Sendable {
        /// From the control plane, under the cluster's name.
        case endpoints
        /// The connection itself says which address to call.
        case originalDestination
        /// From DNS.
        case dns(host: String, port: Int)
    }

    /// What upstream connections speak.
    package enum Upstream: Hashable, Sendable {
        case tcp
        case http1
        case http2
        /// HTTP or TCP: whatever the client speaks.
        case sniffed
    }

    /// When connections are secured by mutual TLS.
    package enum Security: Hashable, Sendable {
        case plaintext
        case mutualTLS(MutualTLS)
        /// To those endpoints that say they can.
        case automatic(MutualTLS)
    }

    package var host: String
    package var serviceName: String
    package var namespace: String
    package var port: Int
    package var discovery: Discovery
    package var upstream: Upstream
    package var security: Security
    /// URIs of which the server's certificate must have one.
    package var subjectAltNames: [String]
    package var settings: ClusterSettings

    package var name: String { ClusterNames.outbound(port: port, host: host) }
}

/// Settings that all clusters share.
package struct ClusterSettings: Hashable, Sendable {
    package var connectTimeout: Duration
    package var keepalive: TCPKeepalive?
    package var dnsRefreshRate: Duration
    /// Places of endpoints count by their weight.
    package var weighsLocalities: Bool
    package var families: AddressFamilies
    /// Of endpoints.
    package var source: ConfigSources.Source

    package init(
        mesh: MeshSettings = .init(), families: AddressFamilies = .ipv4, source: ConfigSources.Source = .ads
    ) {
        connectTimeout = mesh.connectTimeout
        keepalive = mesh.tcpKeepalive
        dnsRefreshRate = mesh.dnsRefreshRate
        weighsLocalities = mesh.localityLoadBalancing.isEnabled
        self.families = families
        self.source = source
    }
}

extension OutboundClusterInput.Upstream {
    package init(_ meshProtocol: MeshProtocol, upgradesToHTTP2: Bool) {
        switch meshProtocol {
        case .http2, .grpc, .grpcWeb: self = .http2
        case .http: self = upgradesToHTTP2 ? .http2 : .http1
        case .httpProxy: self = .http1
        case .auto: self = .sniffed
        default: self = .tcp
        }
    }

    /// What is offered as ALPN to a mesh server.
    var applicationProtocols: [String] {
        switch self {
        case .tcp: ApplicationProtocols.tcp
        case .http1: ApplicationProtocols.http1
        case .http2: ApplicationProtocols.http2
        case .sniffed: ApplicationProtocols.anyHTTP
        }
    }
}
