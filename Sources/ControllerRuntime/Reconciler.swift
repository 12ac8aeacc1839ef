/// When a reconciled key wants to be looked at again.
package enum Requeue: Hashable, Sendable {
    /// When something changes.
    case none
    /// After a while, or when something changes before.
    case after(Duration)
}

/// Makes the world as it should be for one key. Asks what is, not what happened; may be called at any time.
package protocol Reconciler<Key>: Sendable {
    associatedtype Key: Hashable & Sendable

    /// - Throws: What the world did wrong; the key comes again after its back-off. Mistakes of users are not thrown:
    ///   they become status.
    func reconcile(_ key: Key) async throws -> Requeue
}
