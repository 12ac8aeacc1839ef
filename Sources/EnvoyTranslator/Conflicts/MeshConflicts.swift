package import MeshModel

/// What does not come to pass in a mesh because something else is in its way, or leads nowhere.
///
/// Made from scratch now and then, of values that clients' resources are made of as well, and beside the making of those:
/// nobody waits for it, and what is mended is not in it any more.
package struct MeshConflicts: Hashable, Sendable {
    /// Where services that some client calls cannot be told apart.
    package var listeners: Set<ListenerConflict> = []
    /// Hosts of which not all VirtualServices decide that name them.
    package var hosts: Set<String> = []
    /// Subsets that do not count beside others.
    package var subsets: Set<RepeatedSubset> = []
    /// Names of clusters that several services would have.
    package var clusters: Set<String> = []
    /// Names of some client's clusters that look up nothing.
    package var emptyClusters: Set<String> = []

    /// - Parameter clients: All that differ, each once.
    package init(
        in snapshot: MeshSnapshot, for clients: Set<OutboundTraits>, settings: TranslationSettings = .init()
    ) {
        hosts = Set(snapshot.configuration.virtualServices.repeatedHosts.map(\.host))
        subsets = snapshot.configuration.destinationRules.repeatedSubsets
        clusters = snapshot.repeatedClusters
        let contested = ContestedListeners(in: snapshot)
        let few = contested.mesh(of: snapshot)
        let names = snapshot.keepingNamesWithoutEndpoints()
        for traits in clients {
            if !names.services.isEmpty { emptyClusters.formUnion(emptyNameClusters(for: traits, in: names)) }
            if traits.listensElsewhere {
                listeners.formUnion(listenerConflicts(for: traits, in: snapshot, settings: settings))
            } else if !contested.ports.isEmpty {
                listeners.formUnion(listenerConflicts(for: traits, ports: contested.ports, in: few, settings: settings))
            }
        }
    }

    /// How many places services of a kind are in each other's way.
    package func count(of kind: ListenerConflict.Kind) -> Int { listeners.count { $0.kind == kind } }
}

extension OutboundTraits {
    /// Listeners are not at the addresses of the services.
    fileprivate var listensElsewhere: Bool {
        interceptionMode == .none || scope.listeners.contains { !$0.isPlain }
    }
}
