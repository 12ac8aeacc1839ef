import MeshModel

/// Services by what they are looked for by.
struct ServiceIndex {
    private var byNamespace: [String: Set<ServiceKey>] = [:]
    private var byHostname: [String: Set<ServiceKey>] = [:]
    /// Those of which callers on different nodes see different endpoints.
    private var perNode: Set<ServiceKey> = []
    /// Those of which callers in different places do.
    private var perPlace: Set<ServiceKey> = []

    init(_ snapshot: MeshSnapshot) {
        for key in snapshot.services.keys { update(key, in: snapshot) }
    }

    /// Whether it matters on which node a caller is.
    var isNodeSeen: Bool { !perNode.isEmpty }

    /// Whether it matters where a caller is.
    var arePlacesSeen: Bool { !perPlace.isEmpty }

    /// Takes a service over as it is now.
    mutating func update(_ key: ServiceKey, in snapshot: MeshSnapshot) {
        if let service = snapshot.services[key] {
            byNamespace[key.namespace, default: []].insert(key)
            byHostname[key.hostname, default: []].insert(key)
            if service.seesNodes { perNode.insert(key) } else { perNode.remove(key) }
            if service.trafficDistribution != .any { perPlace.insert(key) } else { perPlace.remove(key) }
        } else {
            Self.remove(key, from: &byNamespace, at: key.namespace)
            Self.remove(key, from: &byHostname, at: key.hostname)
            perNode.remove(key)
            perPlace.remove(key)
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
        var hosts: Set<String> = []
        for pattern in patterns {
            if pattern.hasPrefix("*") {
                hosts.formUnion(byHostname.keys.lazy.filter { HostPattern.isSubset($0, of: pattern) })
            } else if byHostname[pattern] != nil {
                hosts.insert(pattern)
            }
        }
        let keys = hosts.flatMap { byHostname[$0] ?? [] }
        return Treated(mesh: snapshot.keeping(services: Set(keys)), hosts: hosts)
    }

    /// The mesh with no other services than those that have the host names of some.
    func mesh(_ snapshot: MeshSnapshot, like keys: some Sequence<ServiceKey>) -> MeshSnapshot {
        snapshot.keeping(services: Set(keys.flatMap { byHostname[$0.hostname] ?? [] }))
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
