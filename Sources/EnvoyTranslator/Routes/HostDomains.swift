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
        var others = Self.short(service.key, name: service.name, scope: scope, clusterDomain: clusterDomain)
        if service.isHeadless {
            // Members have names of their own: zk-0.zk.default.svc.cluster.local
            others += (complete + others).map { "*.\($0)" }
        }
        for alias in service.aliases {
            let name = alias.hostname.split(separator: ".").first.map(String.init) ?? alias.hostname
            others += Self.complete(alias.hostname)
            others += Self.short(alias, name: name, scope: scope, clusterDomain: clusterDomain)
        }
        self.others = others + service.addresses.map { $0.contains(":") ? "[\($0)]" : $0 }
    }

    private static func complete(_ hostname: String) -> [String] { [hostname, "\(hostname)."] }

    private static func short(
        _ key: ServiceKey, name: String, scope: OutboundScope, clusterDomain: String
    ) -> [String] {
        let withinNamespace = "\(name).\(key.namespace)"
        guard key.hostname == "\(withinNamespace).svc.\(clusterDomain)" else { return [] }
        return key.namespace == scope.namespace
            ? [name, "\(withinNamespace).svc", withinNamespace] : [withinNamespace, "\(withinNamespace).svc"]
    }
}
