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

    let ports: [Port]

    /// Other names of services have no cluster and no routes of their own: they are domains of the service they name.
    init(visibleTo scope: OutboundScope, in snapshot: MeshSnapshot) {
        let visible = snapshot.services(visibleTo: scope).sorted(by: MeshService.isOlder)
        let aliases = Set(visible.flatMap(\.aliases))
        ports = visible.filter { !aliases.contains($0.key) }.flatMap { service in
            var numbers: Set<Int> = []
            return service.ports.filter { $0.meshProtocol.isCarried && numbers.insert($0.number).inserted }.map {
                Port(service: service, port: $0, endpoints: snapshot.endpoints(of: service.key, port: $0))
            }
        }
    }
}
