package import EnvoyAPI
package import MeshModel
import SwiftProtobuf

/// All that decides a listener of a gateway.
package struct RouterListenerInput: Hashable, Sendable {
    /// The first one gives the listener its name.
    package var addresses: [String]
    package var port: Int
    /// Never two that the same connection could choose.
    package var chains: [RouterChain]
    /// Requests come over QUIC.
    package var takesDatagrams = false
    package var topology: GatewayTopology
    package var filters: ConnectionFilters
    package var settings: TrafficSettings

    package init(
        addresses: [String], port: Int, chains: [RouterChain], topology: GatewayTopology = .init(),
        filters: ConnectionFilters = .none, settings: TrafficSettings
    ) {
        self.addresses = addresses
        self.port = port
        self.chains = chains
        self.topology = topology
        self.filters = filters
        self.settings = settings
    }

    package var name: String { "\(takesDatagrams ? "udp_" : "")\(addresses.first ?? "")_\(port)" }
}

/// How one filter chain of a gateway is chosen, and what it does with the connection.
package struct RouterChain: Hashable, Sendable {
    package enum Action: Hashable, Sendable {
        /// Requests are routed.
        case http(routes: String)
        case tcp(ConnectionTarget)
    }

    /// That clients ask for in TLS; empty for all.
    package var serverNames: [String]
    package var applicationProtocols: [String]
    /// Nil: bytes go on as they are.
    package var tls: ServerTLSInput?
    /// Connections are in TLS, whether it ends here or not.
    package var isEncrypted: Bool
    package var action: Action
    /// What is spoken with a data store, where it is known.
    package var store: StoreProtocol?

    package init(
        serverNames: [String] = [], applicationProtocols: [String] = [], tls: ServerTLSInput? = nil,
        isEncrypted: Bool, action: Action
    ) {
        self.serverNames = serverNames
        self.applicationProtocols = applicationProtocols
        self.tls = tls
        self.isEncrypted = isEncrypted
        self.action = action
    }
}

/// A listener of a gateway.
package func routerListener(_ input: RouterListenerInput) throws -> Envoy_Config_Listener_V3_Listener {
    try .with {
        $0 = try .base(
            named: input.name, addresses: input.addresses, port: input.port, direction: .outbound,
            settings: input.settings)
        if input.takesDatagrams {
            $0.takeDatagrams()
            $0.filterChains = try input.chains.map(input.filterChain)
            return
        }
        $0.maxConnectionsToAcceptPerSocketEvent = 1
        if input.topology.usesProxyProtocol { $0.listenerFilters.append(try .proxyProtocol()) }
        if input.chains.contains(where: \.isEncrypted) {
            $0.listenerFilters.append(try .tlsInspector(on: .all(except: [])))
        }
        $0.filterChains = try input.chains.map(input.filterChain)
    }
}

extension RouterListenerInput {
    fileprivate func filterChain(_ chain: RouterChain) throws -> Envoy_Config_Listener_V3_FilterChain {
        try .with {
            if !chain.serverNames.isEmpty || !chain.applicationProtocols.isEmpty {
                $0.filterChainMatch.serverNames = chain.serverNames
                $0.filterChainMatch.applicationProtocols = chain.applicationProtocols
            }
            if let tls = chain.tls { $0.transportSocket = try takesDatagrams ? tls.datagramSocket() : tls.socket() }
            $0.transportSocketConnectTimeout = .init(.seconds(15))
            switch chain.action {
            case .http(let routes):
                $0.filters =
                    try filters.networkFilters(isTCP: false) + [
                        .connectionManager(
                            statPrefix: "outbound_\(name)", role: .gateway(routes: routes, topology),
                            filters: filters, takesDatagrams: takesDatagrams, settings: settings)
                    ]
            case .tcp(let target):
                $0.filters =
                    try filters.networkFilters(isTCP: true)
                    + Envoy_Config_Listener_V3_Filter.passingOn(
                        to: target, speaking: chain.store, in: .gateway, settings: settings)
            }
        }
    }
}

extension Envoy_Config_Listener_V3_ListenerFilter {
    /// Takes the client's address from what the proxy in front says before anything else.
    static func proxyProtocol() throws -> Self {
        try .with {
            $0.name = "envoy.filters.listener.proxy_protocol"
            $0.typedConfig = try .init(packing: Envoy_Extensions_Filters_Listener_ProxyProtocol_V3_ProxyProtocol())
        }
    }
}
