extension MeshSnapshot {
    /// The services that a scope has in reach, as it calls them, by host name. Of several that define one host the scope's
    /// own namespace wins, then Kubernetes, then the oldest.
    package func services(visibleTo scope: OutboundScope) -> [MeshService] {
        let hosts = scope.hosts
        var visible: [String: MeshService] = [:]
        for service in services.values
        where service.visibility.includes(scope.namespace)
            && hosts.importsService(service.hostname, in: service.namespace)
        {
            guard let other = visible[service.hostname] else {
                visible[service.hostname] = service
                continue
            }
            if service.isRather(than: other, in: scope.namespace) { visible[service.hostname] = service }
        }
        return visible.values.map { $0.seen(from: scope) }.sorted { $0.key < $1.key }
    }

    /// The services that a scope calls by some host names, whether its Sidecar names them or not: what routes lead to.
    /// Of several that define one host the scope's own namespace wins, then the first one by name.
    package func services(named hosts: Set<String>, visibleTo scope: OutboundScope) -> [String: MeshService] {
        guard !hosts.isEmpty else { return [:] }
        var found: [String: MeshService] = [:]
        for service in services.values
        where hosts.contains(service.hostname) && service.visibility.includes(scope.namespace) {
            if let other = found[service.hostname] {
                let isOwn = service.namespace == scope.namespace
                guard isOwn || (other.namespace != scope.namespace && service.namespace < other.namespace) else {
                    continue
                }
            }
            found[service.hostname] = service
        }
        return found.mapValues { $0.seen(from: scope) }
    }
}

extension MeshService {
    /// Whether a namespace means this one by a host name that another service has too.
    package func isRather(than other: MeshService, in namespace: String) -> Bool {
        let isOwn = self.namespace == namespace
        if isOwn != (other.namespace == namespace) { return isOwn }
        if isOfKubernetes != other.isOfKubernetes { return isOfKubernetes }
        return MeshService.isOlder(self, other)
    }

    /// With the addresses by which a scope calls it.
    func seen(from scope: OutboundScope) -> MeshService {
        if let own = clusterAddresses[scope.clusterID], !own.isEmpty {
            var service = self
            service.addresses = own
            return service
        }
        guard scope.usesAllocatedAddresses, !allocatedAddresses.isEmpty, addresses.isEmpty, addressRanges.isEmpty
        else { return self }
        var service = self
        service.addresses = allocatedAddresses
        return service
    }
}
