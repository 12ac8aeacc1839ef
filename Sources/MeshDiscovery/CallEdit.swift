import EnvoyTranslator
import KubernetesModel
import MeshModel

/// Hosts of which calls are to be planned anew, and nothing else, after services or VirtualServices have changed.
struct CallEdit {
    /// With all that decides which virtual hosts they have.
    private(set) var hosts: Set<String> = []
    /// Those of which clusters and endpoints are to be planned anew.
    private(set) var callable: Set<String> = []
    /// By which they are, or were, called.
    private(set) var ports: Set<Int> = []
    /// Of those, the ones that have to be planned whole: hosts cannot be told from each other.
    private(set) var wholePorts: Set<Int> = []
    /// The mesh without services and VirtualServices that decide nothing of the hosts.
    private(set) var before = MeshSnapshot()
    private(set) var after = MeshSnapshot()
    /// More have changed than it is worthwhile to look at one by one.
    var isLarge: Bool { hosts.count > 256 }

    /// Names of what has changed, and the VirtualServices of sidecars that have.
    private let changed: (services: Set<ServiceKey>, routes: Set<ObjectKey>)

    init(_ difference: MeshDifference, from old: MeshSnapshot, to new: MeshSnapshot) {
        var services = difference.services
        for key in difference.endpoints {
            // The endpoints of all others are part of clusters and listeners.
            let resolutions = [old.services[key.service]?.resolution, new.services[key.service]?.resolution]
            if !resolutions.allSatisfy({ $0 == .endpoints }) { services.insert(key.service) }
        }
        changed = (
            services, Set(difference.configuration.filter { $0.groupKind.kind == "VirtualService" }.map(\.key))
        )
    }

    var isEmpty: Bool { changed.services.isEmpty && changed.routes.isEmpty }

    /// Adds what the changed objects decide in one of the two meshes: before, or after, they changed.
    mutating func look(at snapshot: MeshSnapshot, _ index: ServiceIndex, _ rules: NamespaceRules) {
        callable.formUnion(index.related(Set(changed.services.map(\.hostname)), in: snapshot))
        hosts.formUnion(callable)
        for service in callable.flatMap({ (rules.byHost[$0] ?? []) + (rules.byDestination[$0] ?? []) }) {
            hosts.formUnion(service.hosts)
        }
        if !changed.routes.isEmpty {
            for (key, service) in snapshot.configuration.virtualServices.all where concerns(key, service) {
                hosts.formUnion(service.hosts)
            }
        }
        guard !isLarge else { return }
        ports.formUnion(index.ports(routedFor: Array(hosts), in: snapshot))
        let areApart = !rules.hasPatterns && !index.hasAliases
        let keys = hosts.flatMap(index.services)
        for port in ports where !wholePorts.contains(port) {
            if !areApart || !keys.allSatisfy({ index.ports.isApart($0, on: port) }) { wholePorts.insert(port) }
        }
    }

    private func concerns(_ key: ObjectKey, _ service: VirtualService) -> Bool {
        changed.routes.contains(key) || service.http.contains { $0.delegate.map(changed.routes.contains) ?? false }
    }

    /// A mesh with no other services than those of which clusters and endpoints are to be planned anew.
    func callable(_ mesh: MeshSnapshot) -> MeshSnapshot {
        var part = mesh
        part.services = mesh.services.filter { callable.contains($0.key.hostname) }
        return part
    }

    /// Takes the parts of both meshes that decide, once all has been looked at.
    mutating func cut(
        from old: (snapshot: MeshSnapshot, rules: NamespaceRules),
        to new: (snapshot: MeshSnapshot, rules: NamespaceRules), _ index: ServiceIndex
    ) {
        before = part(of: old.snapshot, old.rules, index)
        after = part(of: new.snapshot, new.rules, index)
    }

    private func part(of snapshot: MeshSnapshot, _ rules: NamespaceRules, _ index: ServiceIndex) -> MeshSnapshot {
        let all = snapshot.configuration.virtualServices.all
        var routes = VirtualServices()
        var names = hosts
        for service in hosts.flatMap({ rules.byHost[$0] ?? [] }) {
            let key = service.origin.reference.key
            routes[key] = all[key]
            for rule in all[key]?.http ?? [] { if let other = rule.delegate { routes[other] = all[other] } }
            names.formUnion(service.hosts)
            names.formUnion(service.destinations.map(\.host))
        }
        var services: [ServiceKey: MeshService] = [:]
        var next = names
        while !next.isEmpty {
            var targets: Set<String> = []
            for host in next {
                let gone = changed.services.filter { $0.hostname == host }
                for key in index.services(ofHost: host).union(gone) {
                    services[key] = snapshot.services[key]
                    if case .externalName(let target)? = snapshot.services[key]?.resolution { targets.insert(target) }
                }
            }
            next = targets.subtracting(names)
            names.formUnion(next)
        }
        var part = snapshot
        part.services = services
        part.configuration.virtualServices = routes
        return part
    }
}
