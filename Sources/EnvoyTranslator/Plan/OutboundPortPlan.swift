package import MeshModel

/// The listeners of a sidecar for calls of some ports, and their routes: as they are among all others.
///
/// - Parameter traits: Without a Sidecar that asks for listeners.
package func outboundPortPlan(
    for traits: OutboundTraits, ports: Set<Int>, in snapshot: MeshSnapshot, settings: TranslationSettings = .init()
) -> ResourcePlan {
    var services = OutboundServices(visibleTo: traits.scope, in: snapshot)
    services.keepPorts(numbered: ports)
    var listeners = OutboundListeners(for: traits, in: snapshot, settings)
    var plan = ResourcePlan()
    plan.routes = services.routes(for: traits, in: snapshot, adding: &listeners)
    plan.listeners = listeners.inputs.map { .outboundListener($0) }
    return plan.sorted()
}

/// What a sidecar has for calls of a few hosts: what does not depend on any other.
package struct OutboundHostPlan: Hashable, Sendable {
    package var clusters: [ResourceInput] = []
    /// Of addresses that are one service's alone.
    package var listeners: [ResourceInput] = []
    /// That those listeners ask for.
    package var routes: [ResourceInput] = []
    /// By port: virtual hosts, also of others.
    package var virtualHosts: [Int: RouteConfigurationInput] = [:]

    package init() {}
}

/// What a sidecar has for calls of a few hosts.
///
/// - Parameters:
///   - traits: Without a Sidecar that asks for listeners.
///   - hosts: Names of the hosts.
///   - callable: Those of which there are clusters to be.
///   - ports: By which they are called.
///   - snapshot: The hosts and all that decides their routes is enough.
package func outboundPlan(
    for traits: OutboundTraits, hosts: Set<String>, callable: Set<String>, ports: Set<Int>,
    in snapshot: MeshSnapshot, settings: TranslationSettings
) -> OutboundHostPlan {
    var plan = OutboundHostPlan()
    let services = OutboundServices(visibleTo: traits.scope, in: snapshot)
    if !callable.isEmpty {
        var own = services
        own.keepPorts(ofHosts: callable)
        plan.clusters =
            own.clusters(DestinationPlan(DestinationClient(traits), in: snapshot, sources: settings.sources))
            .map { .outboundCluster($0) }
    }
    guard !ports.isEmpty else { return plan }
    let virtualHosts = SidecarVirtualHosts(services, for: traits, in: snapshot)
    var own = services
    own.keepPorts(ofHosts: hosts)
    own.keepPorts(numbered: ports)
    var listeners = OutboundListeners(for: traits, in: snapshot, settings)
    for group in own.groups(in: traits.scope, of: snapshot, interceptionMode: traits.interceptionMode) {
        let added = listeners.add(group, connections: virtualHosts.connections)
            .filter { if case .chains = $0.traffic { true } else { false } }
        plan.listeners += added.map { .outboundListener($0) }
        plan.routes += own.routeConfigurations(for: added, isProxy: false, hosts: virtualHosts)
            .map { .routeConfiguration($0) }
    }
    let byNumber = Dictionary(grouping: services.ports, by: \.port.number)
    for port in ports {
        plan.virtualHosts[port] = virtualHosts.configuration(port: port, targets: byNumber[port] ?? [])
    }
    return plan
}

/// The clusters of a sidecar for calls to others, in a mesh of a few services.
package func outboundClusters(
    for traits: OutboundTraits, in snapshot: MeshSnapshot, settings: TranslationSettings = .init()
) -> [ResourceInput] {
    OutboundServices(visibleTo: traits.scope, in: snapshot)
        .clusters(DestinationPlan(DestinationClient(traits), in: snapshot, sources: settings.sources))
        .map { .outboundCluster($0) }
}

/// What the agent of a sidecar answers DNS queries with; nil if it answers none.
package func outboundNameTable(for traits: OutboundTraits, in snapshot: MeshSnapshot) -> ResourceInput? {
    traits.nameTable.map { client in
        .nameTable(
            OutboundServices(visibleTo: traits.scope, in: snapshot)
                .nameTable(for: client, families: traits.families, in: snapshot))
    }
}

extension OutboundListeners {
    init(for traits: OutboundTraits, in snapshot: MeshSnapshot, _ settings: TranslationSettings) {
        let clusters = ClusterSettings(
            mesh: snapshot.settings, families: traits.families, source: settings.sources.resources)
        self.init(
            mesh: snapshot.settings, families: traits.families, lookup: HostLookup(clusters),
            settings: traits.trafficSettings(in: snapshot, settings))
    }
}

extension OutboundServices {
    /// Adds the listeners of these services.
    ///
    /// - Returns: The routes that they ask for. Listeners with one port and different addresses share routes: those of
    ///   the first.
    func routes(
        for traits: OutboundTraits, in snapshot: MeshSnapshot, adding listeners: inout OutboundListeners
    ) -> [ResourceInput] {
        var routes: [RouteConfigurationInput] = []
        var names: Set<String> = []
        for group in groups(in: traits.scope, of: snapshot, interceptionMode: traits.interceptionMode) {
            var own = traits
            own.scope = group.scope
            let hosts = SidecarVirtualHosts(group.services, for: own, in: snapshot)
            let added = listeners.add(group, connections: hosts.connections)
            routes += group.services.routeConfigurations(
                for: added, isProxy: group.listener?.isProxy ?? false, hosts: hosts
            ).filter { names.insert($0.name).inserted }
        }
        return routes.map { .routeConfiguration($0) }
    }
}
