import ControllerRuntime
import KubernetesModel
import Synchronization

/// The Secrets of all clusters that gateways run in.
///
/// ```
///  a gateway of ...      its Secrets                who says whether it may have them
///  the own cluster       those of the own cluster   the own API server
///  another one           those there;               the API server there
///                        what is not there:
///                        the own ones               both API servers: none gives away what is another cluster's
///  another one, whose    the own ones               the own API server
///  Secrets may not be read, or that nobody knows
/// ```
/// Nobody looks at another cluster's Secrets before a gateway there asks for some.
package final class ClusterSecrets: CredentialPlaces {
    private struct Remote {
        var secrets: RemoteSecrets
        var authorizer: any SecretAuthorizer
        /// Its Secrets may be read, as far as is known.
        var isOpen = true
        var edition: UInt64
        /// Of who looks there.
        var generation: Int
    }

    private struct State {
        var remotes: [String: Remote] = [:]
        /// The newest that has looked at a cluster, or was the last to: no older one does any more.
        var generations: [String: Int] = [:]
        var last: UInt64 = 0
        var placeHandlers: [@Sendable (String) -> Void] = []
        var secretHandlers: [@Sendable (String, String?) -> Void] = []

        mutating func next() -> UInt64 {
            last += 1
            return last
        }
    }

    private let ownID: String
    private let home: any SecretReading
    private let homeAuthorizer: any SecretAuthorizer
    private let patience: Duration
    private let state = Mutex(State())

    /// - Parameters:
    ///   - ownID: Of the control plane's own cluster.
    ///   - home: Its Secrets.
    ///   - authorizer: Asks its API server.
    ///   - patience: How long the first list of another cluster's Secrets is waited for, before the own ones do.
    package init(
        ownID: String, home: any SecretReading, authorizer: any SecretAuthorizer, patience: Duration = .seconds(30)
    ) {
        self.ownID = ownID
        self.home = home
        self.patience = patience
        homeAuthorizer = authorizer
        home.onChange { [weak self] namespace, name in self?.tell(namespace, name) }
    }

    package func place(ofCluster id: String) -> CredentialPlace {
        let remote = id == ownID ? nil : state.withLock { $0.remotes[id] }
        guard let remote else {
            return CredentialPlace(cluster: "", secrets: home, authorizer: homeAuthorizer, edition: 0)
        }
        guard remote.isOpen else {
            // Somebody who asks is what has the right waited for.
            return CredentialPlace(
                cluster: id, secrets: home, authorizer: homeAuthorizer, edition: remote.edition)
        }
        return CredentialPlace(
            cluster: id, secrets: remote.secrets, authorizer: remote.authorizer,
            fallback: CredentialPlace.Fallback(secrets: home, authorizer: homeAuthorizer), edition: remote.edition)
    }

    package func onPlaceChange(_ handler: @escaping @Sendable (String) -> Void) {
        state.withLock { $0.placeHandlers.append(handler) }
    }

    package func onSecretChange(_ handler: @escaping @Sendable (String, String?) -> Void) {
        state.withLock { $0.secretHandlers.append(handler) }
    }

    /// Looks at another cluster's Secrets once a gateway there asks for some, until cancelled.
    ///
    /// - Parameters:
    ///   - generation: Rises with each that looks at the cluster: one that comes too late does nothing.
    ///   - secrets: Looks at them while `run` runs.
    ///   - mayRead: Whether they may be read now.
    ///   - untilReadable: Waits until they may be read; false: it was cancelled.
    package func attend(
        _ id: String, generation: Int, _ secrets: any SecretReading, authorizer: any SecretAuthorizer,
        mayRead: @Sendable () async -> Bool, untilReadable: @Sendable () async -> Bool,
        run: @Sendable () async throws -> Void
    ) async {
        guard !Task.isCancelled, let remote = begin(id, generation, authorizer) else { return }
        await remote.isWanted.wait()
        guard !Task.isCancelled else { return }
        if await !mayRead() {
            guard !Task.isCancelled else { return }
            setOpen(false, id, generation)
            guard await untilReadable() else { return }
        }
        guard !Task.isCancelled else { return }
        remote.use(secrets, of: generation)
        setOpen(true, id, generation)
        try? await run()
    }

    /// A cluster is no longer one of the mesh: nothing of it is kept.
    ///
    /// - Parameter generation: The last that looked at it, or was to.
    package func forget(_ id: String, generation: Int) {
        let isNews = state.withLock { state in
            state.generations[id] = max(state.generations[id] ?? generation, generation)
            guard let remote = state.remotes[id], remote.generation <= generation else { return false }
            state.remotes[id] = nil
            return true
        }
        if isNews { placeChanged(id) }
    }

    /// Nil: it comes too late.
    private func begin(_ id: String, _ generation: Int, _ authorizer: any SecretAuthorizer) -> RemoteSecrets? {
        let begun = state.withLock { state -> (secrets: RemoteSecrets, isNew: Bool)? in
            if let newest = state.generations[id], newest >= generation { return nil }
            state.generations[id] = generation
            let before = state.remotes[id]
            let secrets = before?.secrets ?? RemoteSecrets(patience: patience)
            state.remotes[id] = Remote(
                secrets: secrets, authorizer: authorizer, isOpen: before?.isOpen ?? true, edition: state.next(),
                generation: generation)
            return (secrets, before == nil)
        }
        guard let begun else { return nil }
        if begun.isNew { begun.secrets.onChange { [weak self] namespace, name in self?.tell(namespace, name) } }
        placeChanged(id)
        return begun.secrets
    }

    private func setOpen(_ isOpen: Bool, _ id: String, _ generation: Int) {
        let isNews = state.withLock { state in
            guard let remote = state.remotes[id], remote.generation == generation, remote.isOpen != isOpen else {
                return false
            }
            let edition = state.next()
            state.remotes[id]?.isOpen = isOpen
            state.remotes[id]?.edition = edition
            return true
        }
        if isNews { placeChanged(id) }
    }

    private func placeChanged(_ id: String) {
        for handler in state.withLock({ $0.placeHandlers }) { handler(id) }
    }

    private func tell(_ namespace: String, _ name: String?) {
        for handler in state.withLock({ $0.secretHandlers }) { handler(namespace, name) }
    }
}
