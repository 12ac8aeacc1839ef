package import MeshModel

/// All that decides the cluster of one port of a service, or of a subset of its workloads.
package struct OutboundClusterInput: Hashable, Sendable {
    /// Where its endpoints come from.
    package enum Discovery: Hashable, Sendable {
        /// From the control plane, under the cluster's name.
        case endpoints
        /// The connection itself says which address to call.
        case originalDestination
        /// From DNS, under the names that the endpoints have for addresses.
        case dns(LoadAssignmentInput)
        /// The same for a single name, of which the first address counts.
        case firstOfDNS(LoadAssignmentInput)
        /// From DNS, under the name that each request asks for.
        case dynamicDNS
    }

    /// What upstream connections speak.
    package enum Upstream: Hashable, Sendable {
        case tcp
        case http1
        case http2
        /// HTTP or TCP: whatever the client speaks.
        case sniffed
    }

    /// When connections are secured, and how.
    package enum Security: Hashable, Sendable {
        case plaintext
        /// By mutual TLS of the mesh.
        case mutualTLS(MutualTLS)
        /// By mutual TLS of the mesh, to those endpoints that say they can.
        case automatic(MutualTLS)
        /// As the user says.
        case client(ClientTLSInput)
    }

    package var host: String
    package var serviceName: String
    package var namespace: String
    package var port: Int
    /// Empty for the whole service.
    package var subset: String
    package var discovery: Discovery
    package var upstream: Upstream
    package var security: Security
    /// Names of which the server's certificate must have one.
    package var subjectAltNames: [String]
    /// What a mesh server is asked for; empty for the name that the cluster has by itself.
    package var serverName: String
    /// What counts for this very cluster.
    package var policy: TrafficPolicy
    /// Places of endpoints count by their weight.
    package var weighsPlaces: Bool
    /// Endpoints that end take calls of clients that they have served.
    package var keepsDraining: Bool
    /// It is outside of the mesh.
    package var isExternal: Bool
    /// The path of the rule that says how it is treated; empty without one.
    package var rule: String
    /// The name in statistics; empty for the cluster's own.
    package var statisticsName: String
    package var settings: ClusterSettings

    package var name: String { ClusterNames.outbound(port: port, subset: subset, host: host) }
}

/// Settings that all clusters share.
package struct ClusterSettings: Hashable, Sendable {
    package var connectTimeout: Duration
    package var keepalive: TCPKeepalive?
    package var dnsRefreshRate: Duration
    package var families: AddressFamilies
    /// Of endpoints.
    package var source: ConfigSources.Source

    package init(
        mesh: MeshSettings = .init(), families: AddressFamilies = .ipv4, source: ConfigSources.Source = .ads
    ) {
        connectTimeout = mesh.connectTimeout
        keepalive = mesh.tcpKeepalive
        dnsRefreshRate = mesh.dnsRefreshRate
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

    /// As a policy has it.
    ///
    /// - Parameter sniffs: HTTP and TCP are told apart in front of the cluster, as sidecars do.
    init(_ meshProtocol: MeshProtocol, pool: ConnectionPool?, upgradesToHTTP2: Bool, sniffs: Bool = true) {
        self.init(meshProtocol, upgradesToHTTP2: pool?.upgrade.map { $0 == .always } ?? upgradesToHTTP2)
        if self == .sniffed {
            if pool?.upgrade == .always { self = .http2 } else if !sniffs { self = .http1 }
        }
        if self != .tcp, pool?.usesClientProtocol ?? false { self = .sniffed }
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
