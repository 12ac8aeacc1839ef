package import EnvoyAPI
import MeshModel
import SwiftProtobuf

/// All that decides a listener for calls to one address, or to one port of any address.
package struct OutboundListenerInput: Hashable, Sendable {
    /// What becomes of a connection.
    package enum Traffic: Hashable, Sendable {
        /// Requests are routed; what is no HTTP goes to a cluster of its own.
        case http(routes: String, otherwise: String)
        case tcp(cluster: String)
        /// Found out from the first bytes: requests are routed, all else goes to the cluster.
        case sniffed(routes: String, cluster: String)
    }

    /// The first one gives the listener its name.
    package var addresses: [String]
    package var port: Int
    package var traffic: Traffic
    package var settings: TrafficSettings

    package init(addresses: [String], port: Int, traffic: Traffic, settings: TrafficSettings) {
        self.addresses = addresses
        self.port = port
        self.traffic = traffic
        self.settings = settings
    }

    package var name: String { "\(addresses.first ?? "")_\(port)" }
}

/// A listener that gets the connections that `virtualOutbound` hands it by their destination.
package func outboundListener(_ input: OutboundListenerInput) throws -> Envoy_Config_Listener_V3_Listener {
    try .with {
        $0 = try .base(
            named: input.name, addresses: input.addresses, port: input.port, direction: .outbound,
            settings: input.settings)
        $0.bindToPort = false
        $0.detect(within: input.settings.detectionTimeout)
        switch input.traffic {
        case .tcp(let cluster):
            $0.filterChains = [
                .outbound([try .tcpProxy(to: cluster, settings: input.settings)])
            ]
        case .http(let routes, let otherwise):
            $0.listenerFilters = [try .httpInspector()]
            $0.filterChains = [try input.requests(by: routes)]
            $0.defaultFilterChain = .with {
                $0.name = "PassthroughFilterChain"
                $0.filterChainMatch = .init()
            }
            $0.defaultFilterChain.filters = [try .tcpProxy(to: otherwise, settings: input.settings)]
        case .sniffed(let routes, let cluster):
            $0.listenerFilters = [try .httpInspector()]
            $0.filterChains = [try input.requests(by: routes)]
            $0.defaultFilterChain = .outbound([
                try .offersTCP(), try .tcpProxy(to: cluster, settings: input.settings),
            ])
        }
    }
}

extension OutboundListenerInput {
    fileprivate func requests(by routes: String) throws -> Envoy_Config_Listener_V3_FilterChain {
        var chain = Envoy_Config_Listener_V3_FilterChain.outbound([
            try .connectionManager(
                statPrefix: "outbound_\(name)", role: .outbound(routes: routes), settings: settings)
        ])
        chain.filterChainMatch.transportProtocol = "raw_buffer"
        chain.filterChainMatch.applicationProtocols = ApplicationProtocols.plainHTTP
        return chain
    }
}

extension Envoy_Config_Listener_V3_FilterChain {
    fileprivate static func outbound(_ filters: [Envoy_Config_Listener_V3_Filter]) -> Self {
        .with {
            $0.filters = filters
            $0.transportSocketConnectTimeout = .init(.seconds(15))
        }
    }
}

extension Envoy_Config_Listener_V3_Listener {
    /// What listeners have in common.
    static func base(
        named name: String, addresses: [String], port: Int, direction: Envoy_Config_Core_V3_TrafficDirection,
        settings: TrafficSettings
    ) throws -> Self {
        try .with {
            $0.name = name
            $0.address = .socket(addresses.first ?? "0.0.0.0", port)
            $0.additionalAddresses = addresses.dropFirst().map { address in
                .with { $0.address = .socket(address, port) }
            }
            $0.trafficDirection = direction
            $0.accessLog = try settings.accessLog.listenerEntries()
        }
    }

    /// Inspectors that see too little in time let the connection go on as what it is so far.
    mutating func detect(within timeout: Duration) {
        listenerFiltersTimeout = .init(timeout)
        continueOnListenerFiltersTimeout = true
    }
}
