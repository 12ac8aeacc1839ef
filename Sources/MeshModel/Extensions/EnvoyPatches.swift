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
        guard !envoyFilters.isEmpty else { return [] }
        let namespaces = namespace == rootNamespace ? [rootNamespace] : [rootNamespace, namespace]
        return namespaces.flatMap { namespace in
            envoyFilters.values
                .filter { filter in
                    filter.origin.namespace == namespace
                        && filter.selector.allSatisfy { labels[$0.key] == $0.value }
                }
                .sorted { ($0.priority, $0.origin) < ($1.priority, $1.origin) }
                .flatMap(\.patches)
                .filter { $0.isFor(side) && $0.proxy.matches(said) }
        }
    }

    /// What of proxies' metadata decides which patches are for them.
    package var patchedMetadataKeys: Set<String> {
        envoyFilters.values.reduce(into: []) { keys, filter in
            for patch in filter.patches { keys.formUnion(patch.proxy.metadataKeys) }
        }
    }
}
