import KubernetesModel
import MeshTranslator
import Synchronization

/// What was told of another cluster's objects, whoever watched them: with new credentials its watchers start anew, and what
/// has gone meanwhile has to be taken back.
final class ClusterMemory: Sendable {
    private struct Entry {
        var generation: Int
        var removal: ObjectChange
        var isUrgent: Bool
    }

    let clusterID: String
    private let inbox: ChangeInbox
    private let state = Mutex(State())

    private struct State {
        var entries: [ObjectReference: Entry] = [:]
        /// Nothing is told any more.
        var isClosed = false
    }

    init(clusterID: String, inbox: ChangeInbox) {
        self.clusterID = clusterID
        self.inbox = inbox
    }

    /// Tells a change of an object.
    ///
    /// - Parameters:
    ///   - removal: That it is gone.
    ///   - isGone: The change is just that.
    ///   - generation: Of the watchers. What earlier ones still say counts no longer.
    func tell(
        _ change: ObjectChange, removal: ObjectChange, isGone: Bool, of object: ObjectReference, isUrgent: Bool,
        generation: Int
    ) {
        state.withLock { state in
            if state.isClosed || state.entries[object].map({ $0.generation > generation }) ?? false { return }
            state.entries[object] = isGone ? nil : Entry(generation: generation, removal: removal, isUrgent: isUrgent)
            add(change, of: object, isUrgent: isUrgent)
        }
    }

    /// Takes back what only earlier watchers told of a kind: those of this generation have told all there is of it.
    func forget(_ kind: GroupKind, before generation: Int) {
        state.withLock { state in
            takeBack(&state) { $1.generation < generation && $0.groupKind == kind }
        }
    }

    /// Takes back what only earlier watchers told: those of this generation have told all there is.
    func forget(before generation: Int) {
        state.withLock { state in takeBack(&state) { $1.generation < generation } }
    }

    /// Takes everything back, and tells nothing from now on: the cluster is no longer one of the mesh.
    func close() {
        state.withLock { state in
            state.isClosed = true
            takeBack(&state) { _, _ in true }
        }
    }

    private func takeBack(_ state: inout State, where isMeant: (ObjectReference, Entry) -> Bool) {
        for (object, entry) in state.entries where isMeant(object, entry) {
            state.entries[object] = nil
            add(entry.removal, of: object, isUrgent: entry.isUrgent)
        }
    }

    private func add(_ change: ObjectChange, of object: ObjectReference, isUrgent: Bool) {
        // Objects of different clusters have the same names.
        let reference = ObjectReference(
            object.groupKind, ObjectKey(namespace: "\(clusterID)/\(object.key.namespace)", name: object.key.name))
        inbox.add(.remote(clusterID: clusterID, change), of: reference, isUrgent: isUrgent)
    }
}

/// The watchers of another cluster with one set of credentials.
struct ClusterGeneration: Sendable {
    var number: Int
    var memory: ClusterMemory
}
