/// How proxies of workloads run, from when they start.
package struct ProxyRunSettings: Hashable, Sendable {
    package var origin: ConfigurationOrigin
    /// Labels of the workloads; empty for all of the namespace, or of the mesh.
    package var selector: [String: String]
    /// Worker threads; nil for the default.
    package var concurrency: Int?
    package var environment: [String: String]
    /// Such as `distroless`; empty for the default.
    package var imageType: String

    package init(
        origin: ConfigurationOrigin, selector: [String: String] = [:], concurrency: Int? = nil,
        environment: [String: String] = [:], imageType: String = ""
    ) {
        self.origin = origin
        self.selector = selector
        self.concurrency = concurrency
        self.environment = environment
        self.imageType = imageType
    }
}

extension MeshSnapshot {
    /// How the proxy of a workload runs: what selects it wins over its namespace, that over the mesh; of several on a
    /// level the oldest counts. Environments are laid over each other.
    package func proxyRunSettings(namespace: String, labels: [String: String]) -> ProxyRunSettings? {
        let all = configuration.proxyRunSettings.values.sorted { $0.origin < $1.origin }
        let levels = [
            all.first { $0.selector.isEmpty && $0.origin.namespace == settings.rootNamespace },
            all.first { $0.selector.isEmpty && $0.origin.namespace == namespace },
            all.first { found in
                !found.selector.isEmpty && found.origin.namespace == namespace
                    && found.selector.allSatisfy { labels[$0.key] == $0.value }
            },
        ].compactMap(\.self)
        guard var merged = levels.first else { return nil }
        for level in levels.dropFirst() {
            merged.origin = level.origin
            merged.selector = level.selector
            merged.concurrency = level.concurrency ?? merged.concurrency
            merged.environment.merge(level.environment) { _, nearer in nearer }
            if !level.imageType.isEmpty { merged.imageType = level.imageType }
        }
        return merged
    }
}
