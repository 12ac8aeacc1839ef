package import EnvoyTranslator
import MeshModel

/// ``MeshConflicts`` of a mesh that lives on.
///
/// What was found for a kind of clients counts until it was looked for again, which is after something changed that can
/// decide it. That is done for one kind after another, those first that were not looked at for longest: whoever does it may
/// pause at any time.
package struct KnownConflicts: Sendable {
    private struct Found {
        var conflicts: CallConflicts
        var rulesRevision: UInt64
    }

    /// Nil while there is nothing to look for: nobody is to keep a mesh that has changed since.
    private var search: ConflictSearch?
    private var rulesRevision: UInt64?
    private var common = MeshConflicts(in: MeshSnapshot())
    private var found: [OutboundTraits: Found] = [:]
    /// Those to be looked at first at the end.
    private var pending: [OutboundTraits] = []
    /// For how many kinds of clients was searched, ever.
    package private(set) var searches = 0

    package init() {}

    /// How the mesh is now: what is still known of it, and what is to be looked for.
    package mutating func follow(_ mesh: ConnectedMesh) {
        if mesh.rulesRevision != rulesRevision {
            common = MeshConflicts(in: mesh.snapshot)
            rulesRevision = mesh.rulesRevision
            search = nil
        }
        let callers = Set(mesh.groups.lazy.compactMap(\.caller))
        found = found.filter { callers.contains($0.key) }
        let waiting = callers.filter { found[$0]?.rulesRevision != mesh.rulesRevision }
            .map { (traits: $0, since: found[$0]?.rulesRevision ?? 0) }
        pending = waiting.sorted { $0.since > $1.since }.map(\.traits)
        if pending.isEmpty {
            search = nil
        } else if search == nil {
            search = ConflictSearch(in: mesh.snapshot, settings: mesh.settings)
        }
    }

    /// Looks for what is in the way of one more kind of clients.
    ///
    /// - Returns: Whether there are others left.
    package mutating func searchOnce() -> Bool {
        guard let search, let rulesRevision, let traits = pending.popLast() else { return false }
        searches += 1
        found[traits] = Found(conflicts: search.conflicts(for: traits), rulesRevision: rulesRevision)
        if pending.isEmpty { self.search = nil }
        return !pending.isEmpty
    }

    /// As far as it is known.
    package var conflicts: MeshConflicts {
        var all = common
        for known in found.values { all.add(known.conflicts) }
        return all
    }
}
