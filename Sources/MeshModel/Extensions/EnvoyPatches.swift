import KubernetesModel

extension MeshConfiguration {
    /// The patches for one side of a proxy, in the order in which they are applied: those of the root namespace first,
    /// then by priority, age and name.
    ///
    /// - Parameter said: Node metadata of the proxy, those at least that patches look at.
    package func envoyPatches(
        _ side: EnvoyPatch.Context, namespace: String, rootNamespace: String, labels: [String: String],
        metadata said: [String: String]
    ) -> [EnvoyPatch] {
        patches(namespace: namespace, rootNamespace: rootNamespace, labels: labels, metadata: said) { $0.isFor(side) }
    }

    /// The patches for what a proxy starts with, in the same order.
    package func bootstrapPatches(for view: ProxyView, rootNamespace: String) -> [EnvoyPatch] {
        patches(
            namespace: view.identity.namespace, rootNamespace: rootNamespace, labels: view.labels,
            metadata: view.patchedMetadata
        ) { $0.isForBootstrap(of: view.kind) }
    }

    private func patches(
        namespace own: String, rootNamespace root: String, labels: [String: String], metadata said: [String: String],
        where isMeant: (EnvoyPatch) -> Bool
    ) -> [EnvoyPatch] {
        guard !envoyFilters.isEmpty else { return [] }
        return (own == root ? [root] : [root, own]).flatMap { namespace in
            envoyFilters.values
                .filter { filter in
                    filter.origin.namespace == namespace
                        && filter.target.includes(labels, isOwn: namespace == own, isRoot: namespace == root)
                }
                .sorted { ($0.priority, $0.origin) < ($1.priority, $1.origin) }
                .flatMap(\.patches)
                .filter { isMeant($0) && $0.proxy.matches(said) }
        }
    }

    /// What of proxies' metadata decides which patches are for them.
    package var patchedMetadataKeys: Set<String> {
        envoyFilters.values.reduce(into: []) { keys, filter in
            for patch in filter.patches { keys.formUnion(patch.proxy.metadataKeys) }
        }
    }
}
