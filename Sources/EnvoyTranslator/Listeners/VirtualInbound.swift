package import EnvoyAPI
package import MeshModel
import SwiftProtobuf

/// All that decides the listener that capture sends the calls of a workload's clients to.
package struct VirtualInboundInput: Hashable, Sendable {
    /// A port of the workload that a service declares.
    package struct Port: Hashable, Sendable {
        /// The workload's own port.
        package var number: Int
        package var traffic: InboundTraffic
        /// What traces call it, such as `reviews.default.svc.cluster.local:9080/*`.
        package var operation: String
        /// The port that clients call, where it has another number.
        package var servicePort: Int
        /// The address that it is known by; nil for all of the workload.
        package var bind: String?
        /// It is listened on itself: nothing is captured.
        package var bindsToPort: Bool
        /// What is spoken with a data store, where it is known.
        package var store: StoreProtocol?
        /// Ends connections from outside of the mesh, where mutual TLS is disabled.
        package var tls: ServerTLSInput?

        package init(
            number: Int, traffic: InboundTraffic, operation: String, servicePort: Int? = nil, bind: String? = nil,
            bindsToPort: Bool = false, tls: ServerTLSInput? = nil
        ) {
            self.number = number
            self.traffic = traffic
            self.operation = operation
            self.servicePort = servicePort ?? number
            self.bind = bind
            self.bindsToPort = bindsToPort
            self.tls = tls
        }

        /// The chains of connections to it, in order.
        func chains(_ inboundTLS: InboundTLS) -> [InboundChain] {
            let mode = inboundTLS.mode(of: number)
            return mode == .disable && tls != nil
                ? InboundChain.terminating(traffic) : InboundChain.chains(for: traffic, mode: mode)
        }
    }

    package var port: Int
    package var families: AddressFamilies
    /// Sorted by number, each once.
    package var ports: [Port]
    package var inboundTLS: InboundTLS
    package var tls: MutualTLS
    package var isTransparent: Bool
    /// What is done besides passing on, on all chains alike.
    package var filters: ConnectionFilters
    package var settings: TrafficSettings

    /// The one port that it listens on; nil: it gets what is captured.
    package private(set) var boundPort: Port?

    /// The name where calls are captured: the same for all.
    package static let name = "virtualInbound"

    package var name: String { boundPort.map { "\($0.bind ?? families.wildcards[0])_\($0.number)" } ?? Self.name }

    /// A listener of the same kind for one port that is not captured.
    func bound(to port: Port) -> VirtualInboundInput {
        var input = self
        input.ports = [port]
        input.boundPort = port
        return input
    }
}

/// The listener that capture sends the calls of a workload's clients to.
///
/// A chain is chosen by the workload's port, then by whether there is TLS, then by what is spoken inside. Inspectors work
/// on those ports alone where a choice depends on the first bytes: a protocol in which the server speaks first never waits.
package func virtualInbound(_ input: VirtualInboundInput) throws -> Envoy_Config_Listener_V3_Listener {
    try .with {
        $0 = try .base(
            named: input.name, addresses: input.boundPort?.bind.map { [$0] } ?? input.families.wildcards,
            port: input.boundPort?.number ?? input.port, direction: .inbound, settings: input.settings)
        $0.detect(within: input.settings.detectionTimeout)
        $0.maxConnectionsToAcceptPerSocketEvent = 1
        if input.isTransparent { $0.transparent = true }
        $0.listenerFilters = try input.listenerFilters()
        $0.filterChains = try input.filterChains()
    }
}

extension VirtualInboundInput {
    fileprivate func listenerFilters() throws -> [Envoy_Config_Listener_V3_ListenerFilter] {
        var filters: [Envoy_Config_Listener_V3_ListenerFilter] =
            boundPort == nil ? [try .originalDestination()] : []
        if boundPort == nil, isTransparent { filters.append(try .originalSource()) }
        let tls = inspected(\.needTLSInspector)
        if !tls.isNone { filters.append(try .tlsInspector(on: tls)) }
        let http = inspected(\.needHTTPInspector)
        if !http.isNone { filters.append(try .httpInspector(on: http)) }
        return filters
    }

    /// The ports on which an inspector is needed.
    private func inspected(_ isNeeded: KeyPath<[InboundChain], Bool>) -> InspectedPorts {
        var needed: Set<Int> = []
        var others: Set<Int> = [port]
        for target in otherPorts {
            let needs = InboundChain.chains(for: .sniffed, mode: inboundTLS.mode(of: target))[keyPath: isNeeded]
            if needs { needed.insert(target) } else { others.insert(target) }
        }
        for target in ports {
            let chains = target.chains(inboundTLS)
            if chains[keyPath: isNeeded] { needed.insert(target.number) } else { others.insert(target.number) }
        }
        return InboundChain.chains(for: .sniffed, mode: inboundTLS.mode)[keyPath: isNeeded]
            ? .all(except: others) : .only(needed)
    }

    /// Ports with a mode of their own that no service declares.
    private var otherPorts: [Int] {
        let declared = Set(ports.map(\.number))
        return inboundTLS.ports.keys.filter { !declared.contains($0) }.sorted()
    }

    fileprivate func filterChains() throws -> [Envoy_Config_Listener_V3_FilterChain] {
        let socket = try tls.downstreamSocket()
        var chains: [Envoy_Config_Listener_V3_FilterChain] = []
        if boundPort == nil { chains = try passthroughChains(socket) }
        for target in ports {
            let socket = try target.tls?.socket() ?? socket
            for chain in target.chains(inboundTLS) {
                chains.append(try declared(chain, port: target, socket: socket))
            }
        }
        return chains
    }

    /// The chains of ports that no service declares.
    private func passthroughChains(
        _ socket: Envoy_Config_Core_V3_TransportSocket
    ) throws -> [Envoy_Config_Listener_V3_FilterChain] {
        var chains = [
            try Envoy_Config_Listener_V3_FilterChain.blackHole(
                named: "virtualInbound-blackhole", port: port, settings: settings)
        ]
        for target in [Int?.none] + otherPorts.map(Optional.some) {
            let mode = target.map(inboundTLS.mode(of:)) ?? inboundTLS.mode
            for chain in InboundChain.chains(for: .sniffed, mode: mode) {
                chains.append(try passthrough(chain, port: target, socket: socket))
            }
        }
        return chains
    }

    /// A chain of ports that no service declares.
    private func passthrough(
        _ chain: InboundChain, port: Int?, socket: Envoy_Config_Core_V3_TransportSocket
    ) throws -> Envoy_Config_Listener_V3_FilterChain {
        try filterChain(
            named: chain.isHTTP ? "virtualInbound-catchall-http" : "virtualInbound", chain, port: port,
            socket: socket, isMutualTLS: chain.endsTLS,
            cluster: ClusterNames.inboundPassthrough, statPrefix: ClusterNames.inboundPassthrough,
            routes: InboundRoutes(cluster: ClusterNames.inboundPassthrough, port: 0, operation: ":0/*"))
    }

    private func declared(
        _ chain: InboundChain, port: Port, socket: Envoy_Config_Core_V3_TransportSocket
    ) throws -> Envoy_Config_Listener_V3_FilterChain {
        let name = "\(port.bind ?? families.wildcards[0])_\(port.number)"
        let cluster = ClusterNames.inbound(port: port.number)
        return try filterChain(
            named: name, chain, port: port.number, socket: socket, isMutualTLS: chain.endsTLS && port.tls == nil,
            cluster: cluster, statPrefix: "inbound_\(name)",
            routes: InboundRoutes(cluster: cluster, port: port.servicePort, operation: port.operation),
            store: port.store)
    }

    private func filterChain(
        named name: String, _ chain: InboundChain, port: Int?, socket: Envoy_Config_Core_V3_TransportSocket,
        isMutualTLS: Bool, cluster: String, statPrefix: String, routes: InboundRoutes, store: StoreProtocol? = nil
    ) throws -> Envoy_Config_Listener_V3_FilterChain {
        try .with {
            $0.name = name
            $0.filterChainMatch = .init(chain, port: port)
            if chain.protocols == ApplicationProtocols.plainHTTP {
                $0.filterChainMatch.applicationProtocols = settings.plainHTTP
            }
            if chain.endsTLS { $0.transportSocket = socket }
            let filters = settings.extensions.on(port, with: filters)
            $0.filters = try filters.networkFilters(isTCP: !chain.isHTTP)
            if chain.isHTTP {
                $0.filters.append(
                    try .connectionManager(
                        statPrefix: statPrefix, role: .inbound(routes.configuration, isMutualTLS: isMutualTLS),
                        filters: filters, settings: settings))
            } else {
                $0.filters += try Envoy_Config_Listener_V3_Filter.passingOn(
                    to: .cluster(cluster), speaking: chain.isOpen ? store : nil,
                    in: .inbound(isMutualTLS: isMutualTLS), holds: cluster != ClusterNames.inboundPassthrough,
                    settings: settings)
            }
        }
    }
}
