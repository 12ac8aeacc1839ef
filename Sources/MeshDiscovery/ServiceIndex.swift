import MeshModel

/// Services by what they are looked for by.
struct ServiceIndex {
    private var byNamespace: [String: Set<ServiceKey>] = [:]
    private var byHostname: [String: Set<ServiceKey>] = [:]
    /// Those of which callers on different nodes see different endpoints.
    private var perNode: Set<ServiceKey> = []
    /// Those of which callers in different places do.
    private var perPlace: Set<ServiceKey> = []
    /// Those that only some namespaces see, by each of them, and by whom each was seen.
    private var exported: [String: Set<ServiceKey>] = [:]
    private var exports: [ServiceKey: Set<String>] = [:]
    /// Names that several services have.
    private var shared: Set<String> = []
    /// Those that have other names, and those that are other names.
    private var aliased: Set<ServiceKey> = []
    private var externalNames: Set<ServiceKey> = []
    /// Those that stand for all hosts of a pattern.
    private var wildcards: Set<ServiceKey> = []
    private(set) var ports = PortUses()

    init(_ snapshot: MeshSnapshot) {
        for key in snapshot.services.keys { update(key, in: snapshot) }
    }

    /// Whether it matters on which node a caller is.
    var isNodeSeen: Bool { !perNode.isEmpty }

    /// Whether it matters where a caller is.
    var arePlacesSeen: Bool { !perPlace.isEmpty }

    /// Takes a service over as it is now.
    mutating func update(_ key: ServiceKey, in snapshot: MeshSnapshot) {
        let service = snapshot.services[key]
        if service != nil {
            byNamespace[key.namespace, default: []].insert(key)
            byHostname[key.hostname, default: []].insert(key)
        } else {
            Self.remove(key, from: &byNamespace, at: key.namespace)
            Self.remove(key, from: &byHostname, at: key.hostname)
        }
        perNode.set(key, service?.seesNodes ?? false)
        perPlace.set(key, service.map { $0.trafficDistribution != .any } ?? false)
        let wasShared = shared.contains(key.hostname)
        shared.set(key.hostname, byHostname[key.hostname, default: []].count > 1)
        aliased.set(key, service.map { !$0.aliases.isEmpty } ?? false)
        externalNames.set(key, service?.isExternalName ?? false)
        wildcards.set(key, service?.isWildcard ?? false)
        ports.update(key, service, isShared: false)
        // Which one of them counts is for each namespace to decide.
        let others = byHostname[key.hostname] ?? []
        if wasShared || shared.contains(key.hostname) {
            for other in others { ports.update(other, snapshot.services[other], isShared: others.count > 1) }
        }
        for namespace in exports.removeValue(forKey: key) ?? [] { Self.remove(key, from: &exported, at: namespace) }
        if let visibility = service?.visibility, !visibility.isPublic {
            exports[key] = visibility.namespaces
            for namespace in visibility.namespaces { exported[namespace, default: []].insert(key) }
        }
    }

    private static func remove(_ key: ServiceKey, from index: inout [String: Set<ServiceKey>], at name: String) {
        index[name]?.remove(key)
        if index[name]?.isEmpty ?? false { index[name] = nil }
    }

    /// The mesh with no other services than those of a namespace.
    func mesh(_ snapshot: MeshSnapshot, ofNamespace namespace: String) -> MeshSnapshot {
        snapshot.keeping(services: byNamespace[namespace] ?? [])
    }

    /// Services that are treated otherwise than before.
    struct Treated {
        /// The mesh with no other services.
        var mesh: MeshSnapshot
        var hosts: Set<String>
    }

    /// The services of some hosts.
    ///
    /// - Parameter patterns: Host names, and patterns with a leading `*`. Nil for none.
    func treated(_ patterns: Set<String>, in snapshot: MeshSnapshot) -> Treated? {
        guard !patterns.isEmpty else { return nil }
        let hosts = hosts(of: patterns)
        return Treated(mesh: mesh(snapshot, ofHosts: hosts), hosts: hosts)
    }

    /// The host names of services that are meant by some.
    ///
    /// - Parameter patterns: Host names, and patterns with a leading `*`.
    func hosts(of patterns: Set<String>) -> Set<String> {
        var hosts: Set<String> = []
        for pattern in patterns {
            if pattern.hasPrefix("*") {
                hosts.formUnion(byHostname.keys.lazy.filter { HostPattern.isSubset($0, of: pattern) })
            } else if byHostname[pattern] != nil {
                hosts.insert(pattern)
            }
        }
        return hosts
    }

    /// The mesh with no other services than those of some host names.
    func mesh(_ snapshot: MeshSnapshot, ofHosts hosts: Set<String>) -> MeshSnapshot {
        snapshot.keeping(services: Set(hosts.flatMap { byHostname[$0] ?? [] }))
    }

    /// The mesh with no other services than those that have the host names of some.
    func mesh(_ snapshot: MeshSnapshot, like keys: some Sequence<ServiceKey>) -> MeshSnapshot {
        snapshot.keeping(services: Set(keys.flatMap { byHostname[$0.hostname] ?? [] }))
    }
}

// MARK: - Namespaces

extension ServiceIndex {
    /// Host names by which clients of a namespace mean other services, or other names of them, than those of most
    /// namespaces do.
    func peculiarHosts(in namespace: String, of snapshot: MeshSnapshot) -> Set<String> {
        var hosts = Set((exported[namespace] ?? []).map(\.hostname))
        for host in shared where byHostname[host]?.contains(where: { $0.namespace == namespace }) ?? false {
            hosts.insert(host)
        }
        return hosts.isEmpty ? hosts : related(hosts, in: snapshot)
    }

    /// Some host names with those that are other names of them, and those that they are other names of.
    func related(_ hosts: Set<String>, in snapshot: MeshSnapshot) -> Set<String> {
        var related = hosts
        var size = 0
        while related.count > size {
            size = related.count
            for service in aliased.lazy.compactMap({ snapshot.services[$0] }) {
                let names = service.aliases.map(\.hostname) + [service.hostname]
                if !related.isDisjoint(with: names) { related.formUnion(names) }
            }
            for service in externalNames.lazy.compactMap({ snapshot.services[$0] }) {
                if case .externalName(let host) = service.resolution, related.contains(host) {
                    related.insert(service.hostname)
                }
            }
        }
        return related
    }

    /// Services that clients of a namespace call by short names.
    func local(in namespace: String, of snapshot: MeshSnapshot) -> [MeshService] {
        let others = aliased.filter { key in
            key.namespace != namespace
                && snapshot.services[key]?.aliases.contains { $0.namespace == namespace } ?? false
        }
        return (byNamespace[namespace] ?? []).union(others).compactMap { snapshot.services[$0] }
    }

    /// Some services have other names.
    var hasAliases: Bool { !aliased.isEmpty }

    /// The services of a host name.
    func services(ofHost host: String) -> Set<ServiceKey> { byHostname[host] ?? [] }

    /// The service of a host name that clients of a namespace call by a short name.
    func local(_ host: String, in namespace: String, of snapshot: MeshSnapshot) -> MeshService? {
        byHostname[host]?.first { $0.namespace == namespace }.flatMap { snapshot.services[$0] }
    }

    /// The numbers of the ports that services of some host names have.
    func ports(ofHosts hosts: some Sequence<String>, in snapshot: MeshSnapshot) -> Set<Int> {
        Set(hosts.lazy.flatMap { byHostname[$0] ?? [] }.flatMap { snapshot.services[$0]?.ports ?? [] }.map(\.number))
    }

    /// The numbers of the ports on which a VirtualService with these hosts can have a say.
    func ports(routedFor hosts: [String], in snapshot: MeshSnapshot) -> Set<Int> {
        var known: Set<String> = []
        for host in hosts {
            if host.hasPrefix("*") {
                known.formUnion(byHostname.keys.lazy.filter { HostPattern.overlap($0, host) })
            } else {
                known.insert(host)
                known.formUnion(wildcards.lazy.map(\.hostname).filter { HostPattern.overlap($0, host) })
            }
        }
        // Hosts that are no service are routed on port 80.
        return ports(ofHosts: known, in: snapshot).union([80])
    }
}

extension Set {
    /// Makes an element a member, or takes it out.
    fileprivate mutating func set(_ element: Element, _ isMember: Bool) {
        if isMember { insert(element) } else { remove(element) }
    }
}

extension MeshSnapshot {
    fileprivate func keeping(services kept: Set<ServiceKey>) -> MeshSnapshot {
        var part = self
        part.services = Dictionary(uniqueKeysWithValues: kept.compactMap { key in services[key].map { (key, $0) } })
        return part
    }
}

extension MeshService {
    fileprivate var seesNodes: Bool { isNodeLocal || trafficDistribution == .preferSameNode }
}
