package import MeshModel

/// Which resources a proxy has, each as all that decides it; sorted by name.
package struct ResourcePlan: Hashable, Sendable {
    package var clusters: [ResourceInput] = []
    package var endpoints: [ResourceInput] = []
    package var listeners: [ResourceInput] = []
    package var routes: [ResourceInput] = []
    /// What listeners ask for by name as configurations of filters.
    package var extensionConfigs: [ResourceInput] = []

    /// What the agent of a proxy answers DNS queries with.
    package var nameTables: [ResourceInput] = []

    /// What the agent of a proxy changes of the bootstrap before it starts the proxy.
    package var bootstraps: [ResourceInput] = []

    /// What the agent of a proxy adds to the roots that its workload trusts.
    package var trustedRoots: [ResourceInput] = []

    package init() {}

    package var all: [ResourceInput] {
        clusters + endpoints + listeners + routes + extensionConfigs + nameTables + bootstraps + trustedRoots
    }
}

/// The resources of a proxy: for calls to others, endpoints, and for calls to its own workload or, of a gateway, to the
/// edge of the mesh. Other kinds have none.
///
/// - Parameters:
///   - view: Of the proxy, in the same snapshot.
///   - preference: Of the proxy. Endpoints depend on it, and clusters that have theirs with them.
package func resourcePlan(
    for view: ProxyView, preference: EndpointPreference, in snapshot: MeshSnapshot,
    settings: TranslationSettings = .init()
) -> ResourcePlan {
    guard view.kind == .sidecar || view.kind == .router else { return ResourcePlan() }
    let traits = OutboundTraits(view, preference: preference, in: snapshot)
    if view.isProxyless {
        var plan = proxylessPlan(for: traits, in: snapshot, settings: settings)
        plan.listeners += proxylessServerPlan(for: view, in: snapshot).listeners
        plan.endpoints = proxylessEndpointPlan(
            for: view.outbound, preference: preference, in: snapshot, labels: traits.labels)
        return plan.sorted()
    }
    var plan = outboundPlan(for: traits, in: snapshot, settings: settings)
    let own =
        view.kind == .router
        ? routerPlan(for: view, in: snapshot, settings: settings)
        : inboundPlan(for: view, in: snapshot, settings: settings)
    plan.clusters += own.clusters
    plan.listeners += own.listeners
    plan.routes += own.routes
    plan.extensionConfigs += own.extensionConfigs
    plan.bootstraps = own.bootstraps
    plan.trustedRoots = own.trustedRoots
    plan.removeRepeated()
    plan.endpoints =
        view.kind == .router
        ? routerEndpointPlan(for: view, preference: preference, in: snapshot)
        : endpointPlan(for: traits, preference: preference, in: snapshot)
    return plan.sorted()
}

extension ResourcePlan {
    /// A resource that EnvoyFilters add on both sides counts once.
    fileprivate mutating func removeRepeated() {
        for kind in [\ResourcePlan.clusters, \.listeners, \.extensionConfigs] {
            var names: Set<String> = []
            self[keyPath: kind].removeAll { !names.insert($0.name).inserted }
        }
    }

    /// Each kind by name.
    func sorted() -> ResourcePlan {
        var plan = self
        for kind in [\ResourcePlan.clusters, \.endpoints, \.listeners, \.routes, \.extensionConfigs] {
            plan[keyPath: kind] = plan[keyPath: kind].sortedByName
        }
        return plan
    }
}

extension [ResourceInput] {
    /// In the order of names, each of which is made once.
    var sortedByName: [ResourceInput] {
        let named = map { (name: $0.name, input: $0) }
        if zip(named, named.dropFirst()).allSatisfy({ $0.name <= $1.name }) { return self }
        return named.sorted { $0.name < $1.name }.map(\.input)
    }
}
