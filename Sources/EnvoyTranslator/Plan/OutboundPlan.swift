package import MeshModel

/// The part of a view that decides what a sidecar has for calls to others, besides endpoints: the same for most proxies of
/// a namespace.
package struct OutboundTraits: Hashable, Sendable {
    package var scope: OutboundScope
    package var families: AddressFamilies
    package var interceptionMode: InterceptionMode
    package var acceptsHTTP10: Bool
    /// Of the workload, those alone that configuration can tell its calls apart by.
    package var labels: [String: String]

    package init(_ view: ProxyView, in snapshot: MeshSnapshot) {
        scope = view.outbound
        families = view.addressFamilies
        interceptionMode = view.interceptionMode
        acceptsHTTP10 = view.acceptsHTTP10
        let keys = snapshot.configuration.clientLabelKeys
        labels = keys.isEmpty ? [:] : view.labels.filter { keys.contains($0.key) }
    }
}

/// What a sidecar has for calls to others, besides endpoints; sorted by name.
package func outboundPlan(
    for traits: OutboundTraits, in snapshot: MeshSnapshot, settings: TranslationSettings = .init()
) -> ResourcePlan {
    let mesh = snapshot.settings
    let families = traits.families
    let traffic = TrafficSettings(
        mesh: mesh, acceptsHTTP10: traits.acceptsHTTP10, source: settings.sources.resources)
    let clusterSettings = ClusterSettings(mesh: mesh, families: families, source: settings.sources.resources)
    let services = OutboundServices(visibleTo: traits.scope, in: snapshot)
    let listeners = services.listeners(mesh: mesh, families: families, settings: traffic)

    var plan = ResourcePlan()
    plan.clusters =
        services.clusters(mesh: mesh, families: families, sources: settings.sources).map { .outboundCluster($0) }
        + [.fixedCluster(.passthrough, clusterSettings), .fixedCluster(.blackHole, clusterSettings)]
    plan.listeners =
        listeners.map { .outboundListener($0) } + [
            .virtualOutbound(
                VirtualOutboundInput(
                    port: mesh.outboundPort, families: families, cluster: mesh.fallbackCluster,
                    isTransparent: traits.interceptionMode == .tproxy, settings: traffic))
        ]
    plan.routes = services.routeConfigurations(for: listeners, scope: traits.scope, mesh: mesh)
        .map { .routeConfiguration($0) }
    return plan.sorted()
}

/// The endpoints of all services that a scope calls; sorted by name.
package func endpointPlan(
    for scope: OutboundScope, preference: EndpointPreference, in snapshot: MeshSnapshot
) -> [ResourceInput] {
    OutboundServices(visibleTo: scope, in: snapshot).loadAssignments(for: preference)
        .map { .loadAssignment($0) }.sorted { $0.name < $1.name }
}

extension ProxyView {
    var acceptsHTTP10: Bool { ["1", "true"].contains(switches["HTTP10"]) }
}
