package import MeshModel

/// What does not come to pass in a mesh because something else is in its way, or leads nowhere.
///
/// Made now and then, of values that clients' resources are made of as well, and beside the making of those: nobody waits
/// for it, and what is mended is not in it any more.
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

    /// What no client is needed for.
    package init(in snapshot: MeshSnapshot) {
        hosts = Set(snapshot.configuration.virtualServices.repeatedHosts.map(\.host))
        subsets = snapshot.configuration.destinationRules.repeatedSubsets
        clusters = snapshot.repeatedClusters
    }

    /// All of it, from scratch.
    ///
    /// - Parameter clients: All that differ, each once.
    package init(
        in snapshot: MeshSnapshot, for clients: Set<OutboundTraits>, settings: TranslationSettings = .init()
    ) {
        self.init(in: snapshot)
        let search = ConflictSearch(in: snapshot, settings: settings)
        for traits in clients { add(search.conflicts(for: traits)) }
    }

    /// Adds what is in some client's way.
    package mutating func add(_ calls: CallConflicts) {
        listeners.formUnion(calls.listeners)
        emptyClusters.formUnion(calls.emptyClusters)
    }

    /// How many places services of a kind are in each other's way.
    package func count(of kind: ListenerConflict.Kind) -> Int { listeners.count { $0.kind == kind } }
}
