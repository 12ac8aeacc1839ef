package import MeshModel

/// Which resources a proxy has, each as all that decides it; sorted by name.
package struct ResourcePlan: Hashable, Sendable {
    package var clusters: [ResourceInput] = []
    package var endpoints: [ResourceInput] = []
    package var listeners: [ResourceInput] = []
    package var routes: [ResourceInput] = []

    package init() {}

    package var all: [ResourceInput] { clusters + endpoints + listeners + routes }
}

/// The resources of a proxy. Only sidecars have any so far.
///
/// - Parameters:
///   - preference: Of the proxy. Endpoints depend on it, and nothing else does.
///   - view: Of the proxy, in the same snapshot.
package func resourcePlan(
    for view: ProxyView, preference: EndpointPreference, in snapshot: MeshSnapshot,
    settings: TranslationSettings = .init()
) -> ResourcePlan {
    guard view.kind == .sidecar else { return ResourcePlan() }
    let mesh = snapshot.settings
    let families = view.addressFamilies
    let traffic = TrafficSettings(view, mesh: mesh, sources: settings.sources)
    let clusterSettings = ClusterSettings(mesh: mesh, families: families, source: settings.sources.resources)
    let outbound = OutboundServices(visibleTo: view.outbound, in: snapshot)
    let inbound = InboundPorts(view)
    let listeners = outbound.listeners(mesh: mesh, families: families, settings: traffic)

    var plan = ResourcePlan()
    plan.clusters =
        outbound.clusters(mesh: mesh, families: families, sources: settings.sources).map { .outboundCluster($0) }
        + inbound.clusters(mesh: mesh, families: families, sources: settings.sources).map { .inboundCluster($0) }
        + FixedCluster.allCases.map { .fixedCluster($0, clusterSettings) }
    plan.endpoints = outbound.loadAssignments(for: preference).map { .loadAssignment($0) }
    plan.listeners =
        listeners.map { .outboundListener($0) } + [
            .virtualOutbound(
                VirtualOutboundInput(
                    port: mesh.outboundPort, families: families, cluster: mesh.fallbackCluster,
                    isTransparent: view.interceptionMode == .tproxy, settings: traffic)),
            .virtualInbound(
                VirtualInboundInput(
                    port: mesh.inboundPort, families: families, ports: inbound.listenerPorts,
                    inboundTLS: settings.inboundTLS, tls: mesh.mutualTLS(settings.sources),
                    isTransparent: view.interceptionMode == .tproxy, settings: traffic)),
        ]
    plan.routes = outbound.routeConfigurations(for: listeners, scope: view.outbound, mesh: mesh)
        .map { .routeConfiguration($0) }
    return plan.sorted()
}

extension ResourcePlan {
    fileprivate func sorted() -> ResourcePlan {
        var plan = self
        for kind in [\ResourcePlan.clusters, \.endpoints, \.listeners, \.routes] {
            plan[keyPath: kind].sort { $0.name < $1.name }
        }
        return plan
    }
}
