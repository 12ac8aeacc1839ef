import ControllerRuntime
import KubernetesModel
import Synchronization

/// The Secrets of another cluster, whoever looks at them there: with new credentials others do.
///
/// What was known of a namespace counts until the new ones know it. Where nothing was known ever, nobody is waited for
/// longer than a while: then it counts as a namespace without Secrets.
final class RemoteSecrets: SecretReading {
    private struct Use {
        var count = 1
        /// Which time it is that the namespace is asked for.
        var turn: UInt64
    }

    private struct State {
        /// Who looks now.
        var current: (any SecretReading)?
        /// Its number: nobody older looks any more.
        var generation: Int?
        /// Who looked before.
        var former: (any SecretReading)?
        var uses: [String: Use] = [:]
        var turns: UInt64 = 0
        /// Namespaces that nobody is waited for any more.
        var overdue: Set<String> = []
        var handlers: [@Sendable (String, String?) -> Void] = []

        /// Nobody asks it any more.
        func dismiss(_ reader: (any SecretReading)?) { for namespace in uses.keys { reader?.release(namespace) } }
    }

    /// Somebody has asked for Secrets of the cluster.
    let isWanted = OneTime()
    private let patience: Duration
    private let state = Mutex(State())

    /// - Parameter patience: How long a namespace's first list is waited for.
    init(patience: Duration) { self.patience = patience }

    func secret(_ key: ObjectKey) -> CredentialSecret? {
        let (current, former) = state.withLock { ($0.current, $0.former) }
        if let current, current.isSynced(key.namespace) { return current.secret(key) }
        return former?.secret(key)
    }

    func isSynced(_ namespace: String) -> Bool {
        let (current, former, isOverdue) = state.withLock {
            ($0.current, $0.former, $0.overdue.contains(namespace))
        }
        return isOverdue || current?.isSynced(namespace) ?? false || former?.isSynced(namespace) ?? false
    }

    func onChange(_ handler: @escaping @Sendable (String, String?) -> Void) {
        state.withLock { $0.handlers.append(handler) }
    }

    // Who looks is told under the lock: between two that change places nobody would retain, or release, twice.

    func retain(_ namespace: String) {
        let turn = state.withLock { state -> UInt64? in
            state.uses[namespace]?.count += 1
            guard state.uses[namespace] == nil else { return nil }
            state.turns += 1
            state.uses[namespace] = Use(turn: state.turns)
            state.current?.retain(namespace)
            return state.turns
        }
        guard let turn else { return }
        isWanted.happen()
        Task { [weak self, patience] in
            try? await Task.sleep(for: patience)
            self?.giveUp(namespace, turn)
        }
    }

    func release(_ namespace: String) {
        state.withLock { state in
            guard let use = state.uses[namespace] else { return }
            guard use.count == 1 else {
                state.uses[namespace]?.count -= 1
                return
            }
            state.uses[namespace] = nil
            state.overdue.remove(namespace)
            state.current?.release(namespace)
            state.former?.release(namespace)
        }
    }

    /// Has somebody else look from now on, unless somebody newer does.
    func use(_ reader: any SecretReading, of generation: Int) {
        reader.onChange { [weak self] namespace, name in self?.tell(namespace, name) }
        state.withLock { state in
            if let newest = state.generation, newest >= generation { return }
            state.generation = generation
            // Who has known nothing is nobody to go back to.
            if let current = state.current, state.former == nil || state.uses.keys.contains(where: current.isSynced) {
                state.dismiss(state.former)
                state.former = current
            } else {
                state.dismiss(state.current)
            }
            state.current = reader
            for namespace in state.uses.keys { reader.retain(namespace) }
        }
    }

    private func giveUp(_ namespace: String, _ turn: UInt64) {
        let isNews = state.withLock { state in
            state.uses[namespace]?.turn == turn && state.overdue.insert(namespace).inserted
        }
        if isNews { tell(namespace, nil) }
    }

    private func tell(_ namespace: String, _ name: String?) {
        let handlers = state.withLock { state in
            if let current = state.current, state.uses.keys.allSatisfy(current.isSynced) {
                state.dismiss(state.former)
                state.former = nil
            }
            return state.handlers
        }
        for handler in handlers { handler(namespace, name) }
    }
}
