package import KubernetesModel

/// What changed from one snapshot to the next, by name: added, changed and removed alike.
package struct MeshDifference: Hashable, Sendable {
    /// The settings or the topology changed, and thus possibly everything.
    package var settings: Bool
    package var services: Set<ServiceKey>
    package var endpoints: Set<EndpointKey>
    /// Addresses of workloads.
    package var workloads: Set<String>
    /// Objects of configuration. Not told by comparing snapshots.
    package var configuration: Set<ObjectReference>

    package init(
        settings: Bool = false, services: Set<ServiceKey> = [], endpoints: Set<EndpointKey> = [],
        workloads: Set<String> = [], configuration: Set<ObjectReference> = []
    ) {
        self.settings = settings
        self.services = services
        self.endpoints = endpoints
        self.workloads = workloads
        self.configuration = configuration
    }

    package var isEmpty: Bool {
        !settings && services.isEmpty && endpoints.isEmpty && workloads.isEmpty && configuration.isEmpty
    }
}

extension MeshSnapshot {
    /// What differs from an older snapshot.
    ///
    /// - Complexity: Linear in the size of both, but cheap for parts that are copies of each other: their storage is
    ///   the same, and is not looked into.
    package func difference(from old: MeshSnapshot) -> MeshDifference {
        MeshDifference(
            settings: settings != old.settings || topology != old.topology,
            services: services.changedKeys(from: old.services),
            endpoints: endpoints.changedKeys(from: old.endpoints),
            workloads: workloads.changedKeys(from: old.workloads))
    }
}

extension Dictionary where Value: Equatable {
    fileprivate func changedKeys(from old: [Key: Value]) -> Set<Key> {
        var changed: Set<Key> = []
        var kept = 0
        for (key, value) in self {
            guard let before = old[key] else {
                changed.insert(key)
                continue
            }
            kept += 1
            if before != value { changed.insert(key) }
        }
        if kept < old.count { for key in old.keys where self[key] == nil { changed.insert(key) } }
        return changed
    }
}
