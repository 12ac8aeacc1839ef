extension MeshSettings {
    /// The host that a name without a dot stands for in a configured object of a namespace: `reviews` is
    /// `reviews.default.svc.cluster.local`.
    package func completedHost(_ name: String, namespace: String) -> String {
        completesHostsByNamespaceAlone
            ? "\(name).\(namespace)" : "\(name).\(namespace).svc.\(clusterDomain)"
    }
}
