import ControllerRuntime
import KubernetesModel
import Synchronization

/// The Secrets of all clusters that gateways run in.
///
/// ```
///  a gateway of ...      its Secrets                                    who says whether it may have them
///  the own cluster       those of the own cluster                       the own API server
///  another one           those there; what is not there: the own ones   the API server there
///  another one, whose    the own ones                                   the own API server
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
        /// Which of those who look there does.
        var attendance: UInt64
    }

    private struct State {
        var remotes: [String: Remote] = [:]
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
            cluster: id, secrets: LayeredSecrets(first: remote.secrets, second: home), authorizer: remote.authorizer,
            edition: remote.edition)
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
    ///   - secrets: Looks at them while `run` runs.
    ///   - mayRead: Whether they may be read now.
    ///   - untilReadable: Waits until they may be read; false: it was cancelled.
    package func attend(
        _ id: String, _ secrets: any SecretReading, authorizer: any SecretAuthorizer,
        mayRead: @Sendable () async -> Bool, untilReadable: @Sendable () async -> Bool,
        run: @Sendable () async throws -> Void
    ) async {
        let (remote, attendance) = begin(id, authorizer)
        await remote.isWanted.wait()
        guard !Task.isCancelled else { return }
        if await !mayRead() {
            setOpen(false, id, attendance)
            guard await untilReadable() else { return }
        }
        remote.use(secrets)
        setOpen(true, id, attendance)
        try? await run()
    }

    /// A cluster is no longer one of the mesh: nothing of it is kept.
    package func forget(_ id: String) {
        let isNews = state.withLock { $0.remotes.removeValue(forKey: id) != nil }
        if isNews { placeChanged(id) }
    }

    private func begin(_ id: String, _ authorizer: any SecretAuthorizer) -> (RemoteSecrets, UInt64) {
        let (secrets, attendance, isNew) = state.withLock { state in
            let before = state.remotes[id]
            let secrets = before?.secrets ?? RemoteSecrets(patience: patience)
            let number = state.next()
            state.remotes[id] = Remote(
                secrets: secrets, authorizer: authorizer, isOpen: before?.isOpen ?? true, edition: number,
                attendance: number)
            return (secrets, number, before == nil)
        }
        if isNew { secrets.onChange { [weak self] namespace, name in self?.tell(namespace, name) } }
        placeChanged(id)
        return (secrets, attendance)
    }

    private func setOpen(_ isOpen: Bool, _ id: String, _ attendance: UInt64) {
        let isNews = state.withLock { state in
            guard let remote = state.remotes[id], remote.attendance == attendance, remote.isOpen != isOpen else {
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
