package import MeshModel

/// The names and addresses by which clients call a service.
package struct HostDomains: Hashable, Sendable {
    /// Complete names, which belong to nobody else.
    package var complete: [String]
    /// Short names, aliases and addresses.
    package var others: [String]

    package init(complete: [String], others: [String] = []) {
        self.complete = complete
        self.others = others
    }

    /// - Parameters:
    ///   - scope: The client's: short names are completed in its namespace.
    ///   - clusterDomain: The suffix of services' host names.
    package init(of service: MeshService, for scope: OutboundScope, clusterDomain: String) {
        complete = Self.complete(service.hostname)
        var others = Self.short(service.key, scope: scope, clusterDomain: clusterDomain)
        for alias in service.aliases {
            others += Self.complete(alias.hostname)
            others += Self.short(alias, scope: scope, clusterDomain: clusterDomain)
        }
        if service.isHeadless {
            // Members have names of their own: zk-0.zk.default.svc.cluster.local
            others += (complete + others).map { "*.\($0)" }
        }
        self.others = others + service.addresses.map { $0.contains(":") ? "[\($0)]" : $0 }
    }

    private static func complete(_ hostname: String) -> [String] { [hostname, "\(hostname)."] }

    /// Of all that is called as Kubernetes' services are, also where an object of the mesh defines it. A name alone means
    /// one of the client's own namespace.
    private static func short(_ key: ServiceKey, scope: OutboundScope, clusterDomain: String) -> [String] {
        let ending = ".svc.\(clusterDomain)"
        guard key.hostname.hasSuffix(ending) else { return [] }
        let withinCluster = String(key.hostname.dropLast(ending.count))
        guard let dot = withinCluster.firstIndex(of: "."), dot != withinCluster.startIndex else { return [] }
        let name = String(withinCluster[..<dot])
        let namespace = withinCluster[withinCluster.index(after: dot)...]
        guard !namespace.isEmpty, name != "*" else { return [] }
        return namespace == scope.namespace && key.namespace == scope.namespace
            ? [name, "\(withinCluster).svc", withinCluster] : [withinCluster, "\(withinCluster).svc"]
    }
}
