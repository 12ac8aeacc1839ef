package import EnvoyAPI
package import MeshModel
import SwiftProtobuf

/// All that decides the listener that capture sends a workload's calls to.
package struct VirtualOutboundInput: Hashable, Sendable {
    package var port: Int
    package var families: AddressFamilies
    /// Where calls go that no other listener takes.
    package var cluster: String
    /// Capture keeps the destination, instead of redirecting.
    package var isTransparent: Bool
    /// Requests go to the host that they name; nil: they go the way of all else.
    package var lookup: HostLookup?
    package var settings: TrafficSettings

    /// Its name is the same for all.
    package static let name = "virtualOutbound"

    package init(
        port: Int, families: AddressFamilies, cluster: String, isTransparent: Bool = false, settings: TrafficSettings
    ) {
        self.port = port
        self.families = families
        self.cluster = cluster
        self.isTransparent = isTransparent
        self.settings = settings
    }
}

/// The listener that capture sends a workload's calls to: it hands each to the listener of its destination, if there is
/// one.
package func virtualOutbound(_ input: VirtualOutboundInput) throws -> Envoy_Config_Listener_V3_Listener {
    try .with {
        $0 = try .base(
            named: VirtualOutboundInput.name, addresses: input.families.wildcards, port: input.port,
            direction: .outbound, settings: input.settings)
        $0.useOriginalDst = true
        $0.maxConnectionsToAcceptPerSocketEvent = 1
        if input.isTransparent { $0.transparent = true }
        if input.lookup != nil { $0.listenerFilters = [try .httpInspector()] }
        $0.filterChains = [
            // Who calls the port itself would be handed around in a circle.
            try .blackHole(named: "virtualOutbound-blackhole", port: input.port, settings: input.settings),
            try .with {
                $0.name = "virtualOutbound-catchall-tcp"
                $0.filters = [try .tcpProxy(to: input.cluster, settings: input.settings)]
            },
        ]
        if let lookup = input.lookup { $0.filterChains.insert(try input.requests(by: lookup), at: 1) }
    }
}

extension VirtualOutboundInput {
    fileprivate func requests(by lookup: HostLookup) throws -> Envoy_Config_Listener_V3_FilterChain {
        var filters = ConnectionFilters.none
        filters.add([.hostLookup(lookup)], in: .lookup)
        return try .with {
            $0.name = "virtualOutbound-catchall-http"
            $0.filterChainMatch.transportProtocol = "raw_buffer"
            $0.filterChainMatch.applicationProtocols = settings.plainHTTP
            $0.filters = [
                try .connectionManager(
                    statPrefix: "virtualOutbound-catchall-http", role: .unknown(HostLookup.routes), filters: filters,
                    settings: settings)
            ]
        }
    }
}

extension Envoy_Config_Listener_V3_FilterChain {
    /// Ends connections to a port.
    static func blackHole(named name: String, port: Int, settings: TrafficSettings) throws -> Self {
        try .with {
            $0.name = name
            $0.filterChainMatch.destinationPort = .init(port)
            var settings = settings
            settings.metrics = nil
            $0.filters = [try .tcpProxy(to: ClusterNames.blackHole, settings: settings)]
        }
    }
}
