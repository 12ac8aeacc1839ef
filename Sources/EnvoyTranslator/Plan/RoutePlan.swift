import MeshModel

extension OutboundServices {
    /// The routes that listeners ask for.
    ///
    /// - Parameter isProxy: Clients of the listeners name hosts with their ports.
    func routeConfigurations(
        for listeners: [OutboundListenerInput], isProxy: Bool, hosts: SidecarVirtualHosts
    ) -> [RouteConfigurationInput] {
        let byNumber = Dictionary(grouping: ports, by: \.port.number)
        let byName = Dictionary(ports.map { ($0.routesName, $0) }, uniquingKeysWith: { first, _ in first })
        var named: Set<String> = []
        let asked = listeners.flatMap { listener in listener.routes.map { (listener, $0) } }
        return asked.compactMap { listener, routes in
            guard named.insert(routes).inserted else { return nil }
            if isProxy { return hosts.proxyConfiguration(named: routes, targets: ports) }
            // The address has told the service already.
            if let target = byName[routes] { return .init(name: routes, virtualHosts: [hosts.virtualHost(of: target)]) }
            var configuration = hosts.configuration(port: listener.port, targets: byNumber[listener.port] ?? [])
            configuration.name = routes
            return configuration
        }
    }
}

extension SidecarVirtualHosts {
    init(_ services: OutboundServices, for traits: OutboundTraits, in snapshot: MeshSnapshot) {
        scope = traits.scope
        labels = traits.labels
        mesh = snapshot.settings
        index = VirtualServiceIndex(snapshot.configuration, gateway: VirtualService.mesh, scope: traits.scope)
        destinations = services.destinations(for: traits, in: snapshot)
    }
}

extension OutboundServices {
    /// What routes can name: also what a Sidecar does not import.
    func destinations(for traits: OutboundTraits, in snapshot: MeshSnapshot) -> DestinationLookup {
        guard traits.scope.egress == .all else {
            return DestinationLookup(snapshot, scope: traits.scope, labels: traits.labels)
        }
        return DestinationLookup(
            Dictionary(visible.map { ($0.hostname, $0) }, uniquingKeysWith: { first, _ in first }), in: snapshot,
            scope: traits.scope, labels: traits.labels)
    }
}
