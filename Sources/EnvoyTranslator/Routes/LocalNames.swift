package import MeshModel

extension RouteConfigurationInput {
    /// Domains that a short name of a service could be.
    package var unqualifiedDomains: Set<String> { Set(virtualHosts.lazy.flatMap(\.domains).filter(\.isUnqualified)) }

    /// These routes of a port, made for clients in no namespace, as clients in one have them: they also call some services
    /// by short names.
    ///
    /// - Parameters:
    ///   - services: All those that are called by other names within the scope's namespace.
    ///   - taken: ``unqualifiedDomains``.
    /// - Returns: Nil if a short name means something else already.
    package func localized(
        for scope: OutboundScope, services: [MeshService], taken: Set<String>, clusterDomain: String
    ) -> RouteConfigurationInput? {
        guard let common = scope.common else { return nil }
        var local = self
        var given: Set<String> = []
        for service in services {
            guard let index = virtualHosts.firstIndex(named: "\(service.hostname):\(name)") else { continue }
            let own = HostDomains(of: service, for: scope, clusterDomain: clusterDomain)
            let others = HostDomains(of: service, for: common, clusterDomain: clusterDomain)
            var usable = Set(virtualHosts[index].domains)
            for name in Set(own.others).subtracting(others.complete).subtracting(others.others) {
                guard name.isUnqualified, !taken.contains(name), given.insert(name).inserted else { return nil }
                usable.insert(name)
            }
            local.virtualHosts[index].domains = (own.complete + own.others).filter { usable.remove($0) != nil }
        }
        return local
    }
}

extension String {
    /// Whether it has no other dot than that of a leading `*.`.
    var isUnqualified: Bool { !(hasPrefix("*.") ? dropFirst(2) : self[...]).contains(".") }
}

extension VirtualHostInput {
    /// The virtual host of a service's port, as clients in a scope's namespace have it; nil if a short name means something
    /// else already.
    package func localized(
        for scope: OutboundScope, service: MeshService, port: Int, taken: Set<String>, clusterDomain: String
    ) -> VirtualHostInput? {
        RouteConfigurationInput(name: "\(port)", virtualHosts: [self])
            .localized(for: scope, services: [service], taken: taken, clusterDomain: clusterDomain)?.virtualHosts.first
    }
}
