package import MeshModel

/// What does not come to pass of some client's calls because something else is in its way, or leads nowhere.
package struct CallConflicts: Hashable, Sendable {
    /// Where services that it calls cannot be told apart.
    package var listeners: Set<ListenerConflict> = []
    /// Names of its clusters that look up nothing.
    package var emptyClusters: Set<String> = []
}

/// A mesh, ready to be searched for what is in its clients' way: for one kind of clients after another.
package struct ConflictSearch: Sendable {
    private let snapshot: MeshSnapshot
    private let settings: TranslationSettings
    /// Where listeners may be in each other's way at all, and the services that may have a part in it.
    private let contested: Set<Int>
    private let few: MeshSnapshot
    private let names: MeshSnapshot
    private let servicesByPort: [Int: Set<ServiceKey>]

    package init(in snapshot: MeshSnapshot, settings: TranslationSettings = .init()) {
        self.snapshot = snapshot
        self.settings = settings
        let listeners = ContestedListeners(in: snapshot)
        contested = listeners.ports
        few = listeners.mesh(of: snapshot)
        names = snapshot.keepingNamesWithoutEndpoints()
        var services: [Int: Set<ServiceKey>] = [:]
        for (key, service) in snapshot.services {
            for port in service.ports { services[port.number, default: []].insert(key) }
        }
        servicesByPort = services
    }

    /// What is in the way of clients of a kind. Services, other endpoints than those that clients are told of one by one,
    /// and configuration decide it.
    package func conflicts(for traits: OutboundTraits) -> CallConflicts {
        var found = CallConflicts()
        if !names.services.isEmpty { found.emptyClusters = emptyNameClusters(for: traits, in: names) }
        if traits.listensElsewhere {
            let ports = traits.ownPorts
            found.listeners = listenerConflicts(
                for: traits, ports: ports.map(contested.union), in: ports.map(mesh(adding:)) ?? snapshot,
                settings: settings)
        } else if !contested.isEmpty {
            found.listeners = listenerConflicts(for: traits, ports: contested, in: few, settings: settings)
        }
        return found
    }

    /// The few services, and those that are called at some ports.
    private func mesh(adding ports: Set<Int>) -> MeshSnapshot {
        var mesh = few
        for key in ports.lazy.flatMap({ servicesByPort[$0] ?? [] }) { mesh.services[key] = snapshot.services[key] }
        return mesh
    }
}

extension OutboundTraits {
    /// Listeners are not at the addresses of the services.
    fileprivate var listensElsewhere: Bool {
        interceptionMode == .none || scope.listeners.contains { !$0.isPlain }
    }

    /// The only ports at whose listeners a Sidecar decides where they are; nil: it may be any.
    fileprivate var ownPorts: Set<Int>? {
        guard interceptionMode != .none else { return nil }
        var ports: Set<Int> = []
        for listener in scope.listeners where !listener.isPlain {
            guard let port = listener.port, !listener.isProxy else { return nil }
            ports.insert(port.number)
        }
        return ports
    }
}
