import EnvoyAPI
import MeshModel

/// What a port of the own workload speaks.
package enum InboundTraffic: Hashable, Sendable {
    case http
    case tcp
    /// Found out from the first bytes.
    case sniffed
}

/// How one filter chain of `virtualInbound` is chosen, and what it does with the connection.
struct InboundChain: Hashable {
    var transport: String
    var protocols: [String] = []
    /// Mutual TLS ends here. Otherwise the bytes go on as they are.
    var endsTLS = false
    var isHTTP: Bool

    /// What is spoken can be seen.
    var isOpen: Bool { endsTLS || transport == "raw_buffer" }

    /// The chains of a port, in order.
    static func chains(for traffic: InboundTraffic, mode: InboundTLSMode) -> [InboundChain] {
        switch (traffic, mode) {
        case (.http, .permissive):
            [.mesh(ApplicationProtocols.mesh, isHTTP: true), .plain(isHTTP: true)]
        case (.http, .strict): [.mesh(isHTTP: true)]
        case (.http, .disable): [.plain(isHTTP: true)]
        case (.tcp, .permissive):
            [.mesh(ApplicationProtocols.mesh, isHTTP: false), .ownTLS, .plain(isHTTP: false)]
        case (.tcp, .strict): [.mesh(isHTTP: false)]
        case (.tcp, .disable): [.plain(isHTTP: false)]
        case (.sniffed, .permissive):
            [
                .mesh(ApplicationProtocols.meshHTTP, isHTTP: true),
                .plain(ApplicationProtocols.plainHTTP, isHTTP: true),
                .mesh(ApplicationProtocols.meshTCP, isHTTP: false), .plain(isHTTP: false), .ownTLS,
            ]
        case (.sniffed, .strict):
            [.mesh(ApplicationProtocols.meshHTTP, isHTTP: true), .mesh(isHTTP: false)]
        case (.sniffed, .disable):
            [.plain(ApplicationProtocols.plainHTTP, isHTTP: true), .plain(isHTTP: false)]
        }
    }

    /// The chains of a port that takes TLS from outside of the mesh, and nothing else.
    static func terminating(_ traffic: InboundTraffic) -> [InboundChain] {
        switch traffic {
        case .http: [.mesh(isHTTP: true)]
        case .tcp: [.mesh(isHTTP: false)]
        case .sniffed: [.mesh(["h2", "http/1.1"], isHTTP: true), .mesh(isHTTP: false)]
        }
    }

    /// TLS that the application ends itself.
    private static let ownTLS = InboundChain(transport: "tls", isHTTP: false)

    private static func mesh(_ protocols: [String] = [], isHTTP: Bool) -> InboundChain {
        InboundChain(transport: "tls", protocols: protocols, endsTLS: true, isHTTP: isHTTP)
    }

    private static func plain(_ protocols: [String] = [], isHTTP: Bool) -> InboundChain {
        InboundChain(transport: "raw_buffer", protocols: protocols, isHTTP: isHTTP)
    }
}

extension [InboundChain] {
    /// The first bytes have to be looked at for TLS.
    var needTLSInspector: Bool { contains { $0.transport == "tls" } }

    /// The first bytes have to be looked at for HTTP.
    var needHTTPInspector: Bool { contains { $0.transport == "raw_buffer" && !$0.protocols.isEmpty } }
}

extension Envoy_Config_Listener_V3_FilterChainMatch {
    init(_ chain: InboundChain, port: Int?) {
        self.init()
        if let port { destinationPort = .init(port) }
        transportProtocol = chain.transport
        applicationProtocols = chain.protocols
    }
}
