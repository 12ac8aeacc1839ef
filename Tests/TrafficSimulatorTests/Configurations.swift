import EnvoyAPI
import SwiftProtobuf
import TrafficSimulator

/// Parts of configurations, in few words.
extension Envoy_Config_Listener_V3_Listener {
    init(_ name: String, _ address: String, _ port: Int, _ chains: [Envoy_Config_Listener_V3_FilterChain]) {
        self.init()
        self.name = name
        self.address.socketAddress.address = address
        self.address.socketAddress.portValue = UInt32(port)
        filterChains = chains
    }

    /// With filters that look at the first bytes.
    func inspecting(
        disabled: Envoy_Config_Listener_V3_ListenerFilterChainMatchPredicate? = nil
    ) -> Self {
        var listener = self
        listener.listenerFilters = ["tls_inspector", "http_inspector"].map { name in
            .with {
                $0.name = "envoy.filters.listener.\(name)"
                if let disabled { $0.filterDisabled = disabled }
            }
        }
        return listener
    }
}

extension Envoy_Config_Listener_V3_FilterChain {
    /// A chain that sends all bytes to a cluster of its own name.
    init(_ name: String, _ match: (inout Envoy_Config_Listener_V3_FilterChainMatch) -> Void = { _ in }) throws {
        self.init()
        self.name = name
        match(&filterChainMatch)
        filters = [
            try .with {
                $0.name = "envoy.filters.network.tcp_proxy"
                $0.typedConfig = try .init(
                    packing: Envoy_Extensions_Filters_Network_TcpProxy_V3_TcpProxy.with { $0.cluster = name })
            }
        ]
    }

    /// A chain that ends TLS.
    func endingTLS(certificate: String = "default", asksClients: Bool = false) throws -> Self {
        let context: Envoy_Extensions_TransportSockets_Tls_V3_DownstreamTlsContext = .with {
            $0.commonTlsContext.tlsCertificateSdsSecretConfigs = [.with { $0.name = certificate }]
            $0.requireClientCertificate = .init(asksClients)
        }
        var chain = self
        chain.transportSocket = try .with {
            $0.name = "envoy.transport_sockets.tls"
            $0.typedConfig = try .init(packing: context)
        }
        return chain
    }

    /// A chain that takes requests.
    static func http(
        _ name: String, _ routes: Envoy_Config_Route_V3_RouteConfiguration,
        filters: [Envoy_Extensions_Filters_Network_HttpConnectionManager_V3_HttpFilter] = []
    ) throws -> Self {
        let manager: Envoy_Extensions_Filters_Network_HttpConnectionManager_V3_HttpConnectionManager = .with {
            $0.statPrefix = name
            $0.routeConfig = routes
            $0.httpFilters = filters
            // A connection ends with its answer.
            $0.delayedCloseTimeout = .init()
        }
        return try .with {
            $0.name = name
            $0.filters = [
                try .with {
                    $0.name = "envoy.filters.network.http_connection_manager"
                    $0.typedConfig = try .init(packing: manager)
                }
            ]
        }
    }
}

extension Envoy_Config_Route_V3_RouteConfiguration {
    init(_ hosts: [Envoy_Config_Route_V3_VirtualHost]) {
        self.init()
        virtualHosts = hosts
    }
}

extension Envoy_Config_Route_V3_VirtualHost {
    init(_ name: String, _ domains: [String], _ routes: [Envoy_Config_Route_V3_Route] = [.to("all")]) {
        self.init()
        self.name = name
        self.domains = domains
        self.routes = routes
    }
}

extension Envoy_Config_Route_V3_Route {
    /// A route of this name to a cluster of this name.
    static func to(
        _ name: String, _ match: (inout Envoy_Config_Route_V3_RouteMatch) -> Void = { $0.prefix = "/" }
    ) -> Self {
        .with {
            $0.name = name
            match(&$0.match)
            $0.route.cluster = name
        }
    }
}

extension ProxyConfiguration {
    /// A listener with some routes.
    static func serving(
        _ routes: Envoy_Config_Route_V3_RouteConfiguration,
        filters: [Envoy_Extensions_Filters_Network_HttpConnectionManager_V3_HttpFilter] = []
    ) throws -> ProxyConfiguration {
        ProxyConfiguration(listeners: [.init("all", "0.0.0.0", 80, [try .http("all", routes, filters: filters)])])
    }

    /// Where a request goes by the only routes there are.
    func answer(
        _ path: String, policy: SimulationPolicy = .envoy, _ change: (inout Call) -> Void = { _ in }
    ) -> Simulation {
        var call = Call(address: "10.0.0.1", port: 80)
        call.host = "host"
        call.path = path
        change(&call)
        return simulation(of: call, through: self, policy: policy)
    }
}
