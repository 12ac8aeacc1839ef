package import XDSServer

/// A client that opened a stream and said who it is.
package struct DiscoveryClient: Hashable, Sendable {
    /// What it says about itself.
    package var node: NodeIdentity
    /// What it has proven.
    package var identity: PeerIdentity
    package var variant: ProtocolVariant

    package init(node: NodeIdentity, identity: PeerIdentity, variant: ProtocolVariant) {
        self.node = node
        self.identity = identity
        self.variant = variant
    }
}

/// What a client may see, now and later.
package struct SnapshotSubscription: Sendable {
    package var current: ResourceCache
    /// Newer ones, each the whole: only the newest has to wait for a reader (`.bufferingNewest(1)`). Ends never, or when
    /// the stream is to end.
    package var updates: AsyncStream<ResourceCache>
    /// Since when the client is due what has come by them.
    package var due: DuePush

    package init(current: ResourceCache, updates: AsyncStream<ResourceCache>, due: DuePush = DuePush()) {
        self.current = current
        self.updates = updates
        self.due = due
    }
}

/// Gives each stream its resources.
package protocol SnapshotSource: Sendable {
    /// What a client may see. It stops to be interested when it drops ``SnapshotSubscription/updates``.
    ///
    /// A type that the client asks for and the cache lacks is not answered; one without resources is answered as empty.
    ///
    /// - Throws: `RPCError` when the client may see nothing; it becomes the status of the call.
    func subscribe(_ client: DiscoveryClient) async throws -> SnapshotSubscription
}
