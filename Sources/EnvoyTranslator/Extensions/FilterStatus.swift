import KubernetesModel
package import MeshModel

/// What becomes of the patches of one kind that an EnvoyFilter has.
package struct FilterStatus: Hashable, Sendable {
    package enum Result: String, Hashable, Sendable {
        /// They are meant for at least one proxy, and can be applied.
        case applied
        /// The value of one of them is not what it is put in for.
        case error
    }

    /// `namespace/name` of the EnvoyFilter.
    package var filter: String
    /// The kind, in the words of Istio's metrics.
    package var patch: String
    package var result: Result

    /// What becomes of all patches, and whether it is so: those that are meant for no proxy are not applied.
    ///
    /// - Parameter views: Of all proxies.
    package static func all(in snapshot: MeshSnapshot, for views: some Sequence<ProxyView>) -> [FilterStatus: Bool] {
        guard !snapshot.configuration.envoyFilters.isEmpty else { return [:] }
        let root = snapshot.settings.rootNamespace
        var meant: Set<PatchPlace> = []
        // Nothing is patched where no proxy is.
        for view in views where !view.isProxyless {
            let sides: [EnvoyPatch.Context] =
                view.kind == .router ? [.gateway] : [.sidecarInbound, .sidecarOutbound]
            let patches = sides.flatMap { side in
                snapshot.configuration.envoyPatches(
                    side, namespace: view.identity.namespace, rootNamespace: root, labels: view.labels,
                    metadata: view.patchedMetadata)
            }
            let first = snapshot.configuration.bootstrapPatches(for: view, rootNamespace: root)
            for patch in patches + first { meant.insert(PatchPlace(patch)) }
        }
        var statuses: [FilterStatus: Bool] = [:]
        for filter in snapshot.configuration.envoyFilters.values {
            let wrong = Set(diagnostics(of: filter).map(\.path))
            for patch in filter.patches {
                let isWrong = wrong.contains("\(patch.path).patch.value")
                let status = FilterStatus(
                    filter: filter.origin.reference.key.description, patch: patch.target.statusName,
                    result: isWrong ? .error : .applied)
                let holds = isWrong || meant.contains(PatchPlace(patch))
                statuses[status] = (statuses[status] ?? false) || holds
            }
        }
        return statuses
    }
}

private struct PatchPlace: Hashable {
    var origin: ConfigurationOrigin
    var path: String

    init(_ patch: EnvoyPatch) { (origin, path) = (patch.origin, patch.path) }
}

extension EnvoyPatch.Target {
    fileprivate var statusName: String {
        switch self {
        case .listener: "listener"
        case .listenerFilter: "listenerfilter"
        case .filterChain: "filterchain"
        case .networkFilter: "networkfilter"
        case .httpFilter: "httpfilter"
        case .routeConfiguration, .httpRoute: "route"
        case .virtualHost: "vhost"
        case .cluster: "cluster"
        case .extensionConfig: "extensionconfig"
        case .bootstrap: "bootstrap"
        }
    }
}
