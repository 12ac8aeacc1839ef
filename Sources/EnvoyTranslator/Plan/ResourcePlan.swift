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

/// The resources of a proxy: for calls to others, endpoints, and for calls to its own workload. Only sidecars have any so
/// far.
///
/// - Parameters:
///   - view: Of the proxy, in the same snapshot.
///   - preference: Of the proxy. Endpoints depend on it, and nothing else does.
package func resourcePlan(
    for view: ProxyView, preference: EndpointPreference, in snapshot: MeshSnapshot,
    settings: TranslationSettings = .init()
) -> ResourcePlan {
    guard view.kind == .sidecar else { return ResourcePlan() }
    var plan = outboundPlan(for: OutboundTraits(view, in: snapshot), in: snapshot, settings: settings)
    let own = inboundPlan(for: view, in: snapshot, settings: settings)
    plan.clusters += own.clusters
    plan.listeners += own.listeners
    plan.endpoints = endpointPlan(for: view.outbound, preference: preference, in: snapshot)
    return plan.sorted()
}

extension ResourcePlan {
    func sorted() -> ResourcePlan {
        var plan = self
        for kind in [\ResourcePlan.clusters, \.endpoints, \.listeners, \.routes] {
            plan[keyPath: kind].sort { $0.name < $1.name }
        }
        return plan
    }
}
