/// The VirtualServices that a scope's proxies apply for one gateway, found by host.
package struct VirtualServiceIndex: Sendable {
    /// The one that wins a conflict first; rules of delegates are in their places.
    package let virtualServices: [VirtualService]
    /// Positions in the list, in order; hosts may be patterns.
    private let byHost: [String: [Int]]

    /// - Parameter gateway: `mesh` for sidecars, else `namespace/name`.
    package init(_ configuration: MeshConfiguration, gateway: String, scope: OutboundScope) {
        let all = configuration.virtualServices.all
        let imports = scope.hosts
        let visible = configuration.virtualServices.applied(by: gateway).filter { service in
            service.visibility.includes(scope.namespace)
                && (gateway != VirtualService.mesh
                    || imports.importsVirtualService(service.hosts, in: service.origin.namespace))
        }
        let sorted = visible.map { (rank: $0.rank(for: scope.namespace), service: $0) }.sorted { left, right in
            left.rank == right.rank ? left.service.origin < right.service.origin : left.rank < right.rank
        }
        self.init(sorted.map { $0.service.delegated(among: all) })
    }

    /// - Parameter virtualServices: The one that wins a conflict first.
    package init(_ virtualServices: [VirtualService]) {
        self.virtualServices = virtualServices
        var byHost: [String: [Int]] = [:]
        for (index, service) in virtualServices.enumerated() {
            for host in Set(service.hosts) { byHost[host, default: []].append(index) }
        }
        self.byHost = byHost
    }

    package var isEmpty: Bool { virtualServices.isEmpty }

    /// Those that are about a service, the one that decides first: all that name its host, or else the one that wins the
    /// narrowest pattern which stands for it.
    package func virtualServices(for host: String) -> [VirtualService] {
        if let exact = byHost[host] { return (host.hasPrefix("*") ? exact.prefix(1) : exact[...]).map(service(at:)) }
        for pattern in HostPatterns(matching: host) {
            if let first = byHost[pattern]?.first { return [service(at: first)] }
        }
        return []
    }

    /// All that have a host which stands for this one, or is one that this one stands for; the one that decides first.
    package func matching(_ host: String) -> [VirtualService] {
        var found: Set<Int> = []
        if host.hasPrefix("*") {
            for (name, positions) in byHost where HostPattern.overlap(name, host) { found.formUnion(positions) }
            return found.sorted().map(service(at:))
        }
        for pattern in HostPatterns(matching: host) { found.formUnion(byHost[pattern] ?? []) }
        return found.sorted().map(service(at:))
    }

    private func service(at position: Int) -> VirtualService { virtualServices[position] }
}

extension VirtualService {
    /// What is meant for few counts before what is meant for all.
    fileprivate func rank(for namespace: String) -> Int {
        visibility.isPublic ? 2 : origin.namespace == namespace ? 0 : 1
    }
}
