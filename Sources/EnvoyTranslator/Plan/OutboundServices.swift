import MeshModel

/// The services that a scope calls, the older one first: what clusters, listeners and routes are made for.
struct OutboundServices {
    struct Port {
        var service: MeshService
        var port: ServicePort
        var endpoints: EndpointSet

        var clusterName: String { ClusterNames.outbound(port: port.number, host: service.hostname) }
        /// The routes of this port alone.
        var routesName: String { "\(service.hostname):\(port.number)" }
    }

    private(set) var ports: [Port]
    /// Called by routes alone: a Sidecar does not name them, but VirtualServices that it has in reach lead to them. They
    /// have clusters, and nothing else.
    private(set) var routedPorts: [Port]
    /// All that are in reach, other names of services too.
    let visible: [MeshService]

    /// Other names of services have no cluster and no routes of their own: they are domains of the service they name.
    ///
    /// - Parameter isRouter: Nobody has chosen an address yet: a gateway chooses among the endpoints of every service.
    init(visibleTo scope: OutboundScope, in snapshot: MeshSnapshot, isRouter: Bool = false) {
        let visible = snapshot.services(visibleTo: scope).sorted(by: MeshService.isOlder)
        self.visible = visible
        let aliases = Set(visible.flatMap(\.aliases))
        routedPorts = scope.egress == .all ? [] : Self.routedPorts(beside: visible, of: scope, in: snapshot)
        ports = visible.filter { !aliases.contains($0.key) }.flatMap { service in
            var numbers: Set<Int> = []
            var service = service
            if isRouter, service.isHeadless { service.resolution = .endpoints }
            return service.ports.filter { $0.meshProtocol.isCarried && numbers.insert($0.number).inserted }.map {
                [service] in Port(service: service, port: $0, endpoints: snapshot.endpoints(of: service.key, port: $0))
            }
        }
    }

    /// All that have clusters.
    var calledPorts: [Port] { ports + routedPorts }

    /// Leaves out all other ports.
    mutating func keepPorts(numbered number: Int) { keepPorts(numbered: [number]) }

    /// Leaves out all other ports.
    mutating func keepPorts(numbered numbers: Set<Int>) {
        ports.removeAll { !numbers.contains($0.port.number) }
        routedPorts.removeAll { !numbers.contains($0.port.number) }
    }

    /// Leaves out the ports of all other services. They are in reach nevertheless.
    mutating func keepPorts(ofHosts hosts: Set<String>) {
        ports.removeAll { !hosts.contains($0.service.hostname) }
        routedPorts.removeAll { !hosts.contains($0.service.hostname) }
    }
}

extension OutboundServices {
    /// Where VirtualServices and a Sidecar's egress proxy lead to besides services in reach.
    private static func routedPorts(
        beside visible: [MeshService], of scope: OutboundScope, in snapshot: MeshSnapshot
    ) -> [Port] {
        var destinations: [String: Set<Int?>] = [:]
        if !snapshot.configuration.virtualServices.isEmpty {
            let index = VirtualServiceIndex(snapshot.configuration, gateway: VirtualService.mesh, scope: scope)
            for destination in index.virtualServices.flatMap(\.destinations) {
                destinations[destination.host, default: []].insert(destination.port)
            }
        }
        if let proxy = scope.outboundPolicy?.egressProxy { destinations[proxy.host, default: []].insert(proxy.port) }
        for service in visible { destinations[service.hostname] = nil }
        return snapshot.services(named: Set(destinations.keys), visibleTo: scope).values
            .sorted(by: MeshService.isOlder)
            .flatMap { service in
                let numbers = destinations[service.hostname] ?? []
                var known: Set<Int> = []
                return service.ports.filter { port in
                    port.meshProtocol.isCarried && (numbers.contains(nil) || numbers.contains(port.number))
                        && known.insert(port.number).inserted
                }.map {
                    Port(service: service, port: $0, endpoints: snapshot.endpoints(of: service.key, port: $0))
                }
            }
    }
}
