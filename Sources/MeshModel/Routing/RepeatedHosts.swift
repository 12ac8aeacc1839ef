/// A host of a VirtualService for which another one decides: sidecars do not join the rules of several objects for a host.
package struct RepeatedHost: Hashable, Sendable {
    package var host: String
    /// The one that does not count.
    package var service: VirtualService
    /// The one that is asked before it.
    package var first: VirtualService
}

extension VirtualServices {
    /// Hosts of which VirtualServices do not decide that name them, by host and by precedence.
    package var repeatedHosts: [RepeatedHost] {
        var byHost: [String: [VirtualService]] = [:]
        for service in applied(by: VirtualService.mesh) where !service.http.isEmpty {
            for host in service.hosts { byHost[host, default: []].append(service) }
        }
        return byHost.filter { $0.value.count > 1 }.sorted { $0.key < $1.key }.flatMap { host, services in
            let ordered = services.sorted { left, right in
                left.visibility.isPublic == right.visibility.isPublic
                    ? left.origin < right.origin : right.visibility.isPublic
            }
            return ordered.indices.dropFirst().compactMap { index -> RepeatedHost? in
                let service = ordered[index]
                return ordered[..<index].first { $0.visibility.meets(service.visibility) }.map {
                    RepeatedHost(host: host, service: service, first: $0)
                }
            }
        }
    }
}
