extension MeshSettings {
    /// Whether calls of a host stay within the caller's cluster: what is said of the narrowest pattern counts. Kubernetes'
    /// own services do, unless something else is said of just them.
    package func isClusterLocal(_ host: String) -> Bool {
        if let exact = clusterLocalHosts[host] { return exact }
        var found: (length: Int, isLocal: Bool)?
        let own = ["*.kube-system.svc.\(clusterDomain)": true, "kubernetes.default.svc.\(clusterDomain)": true]
        for (pattern, isLocal) in own.merging(clusterLocalHosts, uniquingKeysWith: { _, said in said })
        where HostPattern.isSubset(host, of: pattern) && pattern.utf8.count > found?.length ?? 0 {
            found = (pattern.utf8.count, isLocal)
        }
        return found?.isLocal ?? false
    }
}
