package import EnvoyAPI
import KubernetesModel
import MeshModel
import SwiftProtobuf

/// All that decides a listener for calls to one address, or to one port of any address.
package struct OutboundListenerInput: Hashable, Sendable {
    /// What becomes of a connection.
    package enum Traffic: Hashable, Sendable {
        /// Requests are routed. Of what is no HTTP, or goes to some addresses, the chain that fits best takes it, if there
        /// are any; all else goes to a cluster of its own.
        case http(routes: String, others: [OutboundChain] = [], otherwise: String)
        /// The chain that fits best takes it; where none does, it goes to a cluster of its own. No two fit alike.
        case chains([OutboundChain], otherwise: String)
    }

    /// The first one gives the listener its name. `unix://` and a path for a socket.
    package var addresses: [String]
    package var port: Int
    package var traffic: Traffic
    /// It takes calls itself, instead of those that `virtualOutbound` hands it.
    package var bindsToPort: Bool
    /// Hosts are looked up when requests name them; nil: none are.
    package var lookup: HostLookup?
    package var settings: TrafficSettings

    package init(
        addresses: [String], port: Int, traffic: Traffic, bindsToPort: Bool = false, settings: TrafficSettings
    ) {
        self.addresses = addresses
        self.port = port
        self.traffic = traffic
        self.bindsToPort = bindsToPort
        self.settings = settings
    }

    package var name: String { "\(addresses.first ?? "")_\(port)" }

    /// The names of the routes it asks for.
    package var routes: [String] {
        switch traffic {
        case .http(let routes, let others, _): [routes] + others.compactMap(\.sniffedRoutes)
        case .chains(let chains, _): chains.compactMap(\.sniffedRoutes)
        }
    }
}

/// A listener that gets the connections that `virtualOutbound` hands it by their destination.
package func outboundListener(_ input: OutboundListenerInput) throws -> Envoy_Config_Listener_V3_Listener {
    try .with {
        $0 = try .base(
            named: input.name, addresses: input.addresses, port: input.port, direction: .outbound,
            settings: input.settings)
        if !input.bindsToPort { $0.bindToPort = false }
        $0.detect(within: input.settings.detectionTimeout)
        switch input.traffic {
        case .http(let routes, let others, let otherwise):
            if others.contains(where: { !$0.serverNames.isEmpty }) {
                $0.listenerFilters.append(try .tlsInspector(on: .all(except: [])))
            }
            $0.listenerFilters.append(try .httpInspector())
            $0.filterChains =
                try [input.requests(by: routes)]
                + others.filter { !$0.matchesAll }
                .flatMap { try input.filterChains($0) }
            let last = others.first { $0.matchesAll }
            $0.defaultFilterChain = try last.map { try input.connections($0) } ?? input.passOn(to: otherwise)
        case .chains(let chains, let otherwise):
            if chains.contains(where: { !$0.serverNames.isEmpty }) {
                $0.listenerFilters.append(try .tlsInspector(on: .all(except: [])))
            }
            if chains.contains(where: { $0.sniffedRoutes != nil }) {
                $0.listenerFilters.append(try .httpInspector())
            }
            $0.filterChains = try chains.flatMap { try input.filterChains($0) }
            if let last = chains.first(where: { $0.matchesAll }) {
                // Where requests are told apart from all else, the chain of all else must not be in their way.
                if last.sniffedRoutes != nil { $0.defaultFilterChain = try input.connections(last) }
            } else {
                $0.defaultFilterChain = try input.passOn(to: otherwise)
            }
        }
    }
}

extension OutboundListenerInput {
    fileprivate func filterChains(_ chain: OutboundChain) throws -> [Envoy_Config_Listener_V3_FilterChain] {
        guard let routes = chain.sniffedRoutes else { return [try connections(chain)] }
        var requests = try self.requests(by: routes)
        requests.filterChainMatch.prefixRanges = chain.match.prefixRanges
        if chain.matchesAll { return [requests] }
        var others = try connections(chain)
        // Of chains for a range those that say more about the bytes come first, and nothing leads back.
        if chain.serverNames.isEmpty { others.filterChainMatch.transportProtocol = "raw_buffer" }
        return [requests, others]
    }

    fileprivate func connections(_ chain: OutboundChain) throws -> Envoy_Config_Listener_V3_FilterChain {
        var filters = chain.sniffedRoutes == nil ? [] : [try Envoy_Config_Listener_V3_Filter.offersTCP()]
        if let lookup, !chain.serverNames.isEmpty { filters.append(try lookup.networkFilter(port: port)) }
        filters += try Envoy_Config_Listener_V3_Filter.passingOn(
            to: chain.target, speaking: chain.store, settings: settings)
        var connections = Envoy_Config_Listener_V3_FilterChain.outbound(filters)
        if !chain.matchesAll { connections.filterChainMatch = chain.match }
        if let origin = chain.origin {
            connections.metadata = .virtualService(origin)
        }
        return connections
    }

    fileprivate func passOn(to cluster: String) throws -> Envoy_Config_Listener_V3_FilterChain {
        try .with {
            $0.name = "PassthroughFilterChain"
            $0.filterChainMatch = .init()
            $0.filters = [try .tcpProxy(to: cluster, settings: settings)]
        }
    }

    private var filters: ConnectionFilters {
        var filters = settings.extensions.on(port)
        if let lookup { filters.add([.hostLookup(lookup)], in: .lookup) }
        return filters
    }

    fileprivate func requests(by routes: String) throws -> Envoy_Config_Listener_V3_FilterChain {
        var chain = Envoy_Config_Listener_V3_FilterChain.outbound([
            try .connectionManager(
                statPrefix: "outbound_\(name)", role: .outbound(routes: routes), filters: filters, settings: settings)
        ])
        chain.filterChainMatch.transportProtocol = "raw_buffer"
        chain.filterChainMatch.applicationProtocols = settings.plainHTTP
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
            $0.accessLog = settings.logsListeners ? try settings.accessLogs.listenerEntries() : []
        }
    }

    /// Inspectors that see too little in time let the connection go on as what it is so far.
    mutating func detect(within timeout: Duration) {
        listenerFiltersTimeout = .init(timeout)
        continueOnListenerFiltersTimeout = true
    }
}

extension Envoy_Config_Core_V3_Metadata {
    /// Which VirtualService made it.
    fileprivate static func virtualService(_ key: ObjectKey) -> Self {
        .init(
            configuration: "/apis/networking.istio.io/v1/namespaces/\(key.namespace)/virtual-service/\(key.name)")
    }
}
