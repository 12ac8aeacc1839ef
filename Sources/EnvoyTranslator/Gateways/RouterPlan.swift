package import MeshModel

/// What a gateway has besides clusters and endpoints of services: listeners, their routes, and clusters that connections
/// of other networks ask for by name.
package func routerPlan(
    for view: ProxyView, in snapshot: MeshSnapshot, settings: TranslationSettings = .init()
) -> ResourcePlan {
    let gateways = snapshot.gateways(of: view)
    var plan = ResourcePlan()
    plan.bootstraps = [view.bootstrap(in: snapshot)]
    plan.trustedRoots = snapshot.trustedRoots
    guard !gateways.listeners.isEmpty else { return plan.patched(by: snapshot.gatewayPatches(for: view)).sorted() }
    let mesh = snapshot.settings
    let names = Set(gateways.listeners.flatMap(\.servers).map(\.gatewayName))
    let virtualServices = GatewayVirtualServices(names, in: snapshot, scope: view.outbound)
    let destinations = DestinationLookup(snapshot, scope: view.outbound, labels: view.labels)
    let named = snapshot.namedServices(of: view, gateways)
    // Calls that come to a gateway are what it serves.
    let extensions = ExtensionFilters(
        .server, snapshot.extensions(.server, namespace: view.identity.namespace, labels: view.labels))
    let traffic = TrafficSettings(
        mesh: mesh, telemetry: snapshot.telemetry(.client, of: TelemetrySubject(view)),
        capabilities: view.capabilities, extensions: extensions, acceptsHTTP10: view.acceptsHTTP10,
        source: settings.sources.resources)

    plan.extensionConfigs = extensions.configurations
    let chains = RouterChains(
        virtualServices: virtualServices, destinations: destinations, named: named, view: view, mesh: mesh,
        sources: settings.sources.beside(view.secretSockets))
    plan.listeners = gateways.listeners.compactMap { listener in
        guard view.canListen(on: listener.port) else { return nil }
        let all = chains.chains(of: listener)
        let input = RouterListenerInput(
            addresses: listener.bind.isEmpty ? view.addressFamilies.wildcards : [listener.bind], port: listener.port,
            chains: settings.keepsAmbiguousChains ? all : all.unambiguous(), topology: view.topology(mesh),
            filters: extensions.on(listener.port, with: snapshot.securityFilters(for: view)), settings: traffic)
        // A listener without chains would be refused.
        return input.chains.isEmpty ? nil : .routerListener(input)
    }
    let datagrams = DatagramServers(view: view, mesh: mesh)
    plan.listeners += gateways.listeners.flatMap { listener in
        datagrams.servers(of: listener).filter { view.canListen(on: $0.port) }.map { port, servers in
            var input = RouterListenerInput(
                addresses: listener.bind.isEmpty ? view.addressFamilies.wildcards : [listener.bind], port: port,
                chains: chains.datagramChains(of: servers), topology: view.topology(mesh),
                filters: extensions.on(port, with: snapshot.securityFilters(for: view)), settings: traffic)
            input.takesDatagrams = true
            return .routerListener(input)
        }
    }
    let routes = RouterRoutes(
        virtualServices: virtualServices, isOfferedByDatagrams: { datagrams.port(of: $0) != nil }
    ) { server in
        RouteContext(
            gateway: server.gatewayName, port: server.server.port, endsTLS: server.server.endsTLS,
            namespace: view.outbound.namespace, labels: view.labels, destinations: destinations, mesh: mesh)
    }
    plan.routes = routes.configurations(of: gateways).map { .routeConfiguration($0) }
    let clusterSettings = ClusterSettings(
        mesh: mesh, families: view.addressFamilies, source: settings.sources.resources)
    plan.clusters = named.map { .namedCluster($0.cluster(clusterSettings)) }
    return plan.patched(by: snapshot.gatewayPatches(for: view), writtenPorts: gateways.writtenPorts).sorted()
}

/// The clusters of services that a gateway passes on to; sorted by name.
func routerClusterPlan(
    for traits: OutboundTraits, _ services: OutboundServices, in snapshot: MeshSnapshot,
    settings: TranslationSettings
) -> ResourcePlan {
    let mesh = snapshot.settings
    let clusterSettings = ClusterSettings(
        mesh: mesh, families: traits.families, source: settings.sources.resources)
    var plan = ResourcePlan()
    plan.clusters =
        services.clusters(DestinationPlan(DestinationClient(traits), in: snapshot, sources: settings.sources))
        .map { .outboundCluster($0) } + [.fixedCluster(.blackHole, clusterSettings)]
    let patches = snapshot.configuration.envoyPatches(
        .gateway, namespace: traits.scope.namespace, rootNamespace: mesh.rootNamespace, labels: traits.labels,
        metadata: traits.patchedMetadata)
    return plan.patched(by: patches).sorted()
}

/// The endpoints of all that a gateway passes on to; sorted by name.
package func routerEndpointPlan(
    for view: ProxyView, preference: EndpointPreference, in snapshot: MeshSnapshot
) -> [ResourceInput] {
    let named = snapshot.namedServices(of: view, snapshot.gateways(of: view))
    let services = endpointPlan(
        for: view.outbound, preference: preference, in: snapshot, isRouter: true, labels: view.labels)
    guard !named.isEmpty else { return services }
    return (services + named.map { .loadAssignment($0.loadAssignment(preference)) }).sortedByName
}

extension MeshSnapshot {
    /// What connections of other networks can ask for by name; nothing unless some server passes them on so.
    fileprivate func namedServices(of view: ProxyView, _ gateways: MergedGateways) -> [NamedService] {
        guard gateways.passesThroughByName else { return [] }
        return OutboundServices(visibleTo: view.outbound, in: self, isRouter: true).named(for: view, in: self)
    }

    fileprivate func gatewayPatches(for view: ProxyView) -> [EnvoyPatch] {
        configuration.envoyPatches(
            .gateway, namespace: view.identity.namespace, rootNamespace: settings.rootNamespace, labels: view.labels,
            metadata: view.patchedMetadata)
    }
}

extension ProxyView {
    /// Workloads without rights cannot have the ports of the system.
    fileprivate func canListen(on port: Int) -> Bool {
        port >= 1024 || !["1", "true"].contains(switches["UNPRIVILEGED_POD"]?.lowercased())
    }

    fileprivate func topology(_ mesh: MeshSettings) -> GatewayTopology {
        gatewayTopology ?? GatewayTopology(mesh.proxyDefaults.gatewayTopology)
    }
}
