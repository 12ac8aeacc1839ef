/// What a stream has come to, for `/debug/syncz`.
package struct StreamStatus: Hashable, Sendable {
    package var id: String
    /// The id of the client's node.
    package var node: String?
    package var variant: ProtocolVariant
    package var isDraining: Bool
    /// In the order they are sent.
    package var types: [SubscriptionStatus]

    /// The client holds the newest of everything it asked for.
    package var isSynced: Bool { types.allSatisfy { $0.state == .synced } }
}
