import ControllerRuntime
package import KubernetesClient
package import KubernetesModel
package import Logging
import ServiceLifecycle
import Synchronization

/// Secrets of the namespaces that gateways run in, kept as long as any of them asks.
///
/// A gateway's Secrets are where its Pods are, usually in one namespace or a few. So it is those that are watched, one
/// watch each, and not the Secrets of the whole cluster; and of theirs those alone that can hold certificates. The
/// right to read them has to be cluster-wide all the same, as Istio's control plane has it: nobody knows beforehand in
/// which namespace a gateway will run, and a ClusterRole cannot name namespaces.
package protocol SecretReading: Sendable {
    /// The Secret of a name; nil if there is none, or it is not known yet.
    func secret(_ key: ObjectKey) -> CredentialSecret?
    /// Whether what is not there is known not to be there.
    func isSynced(_ namespace: String) -> Bool
    /// Keeps the Secrets of a namespace from now on; once for each ``release(_:)``.
    func retain(_ namespace: String)
    func release(_ namespace: String)
    /// Calls `handler` when a Secret has changed, or with no name when a namespace has become known.
    func onChange(_ handler: @escaping @Sendable (_ namespace: String, _ name: String?) -> Void)
}

/// Watches Secrets at the API server.
package final class NamespaceSecrets: SecretReading, Service {
    private struct Watched {
        var store: Store<CredentialSecret>
        var uses: Int
        var task: Task<Void, Never>?
    }

    private struct State {
        var namespaces: [String: Watched] = [:]
        var handlers: [@Sendable (String, String?) -> Void] = []
        var isRunning = false
    }

    /// Which Secrets are kept.
    package enum Kind: Hashable, Sendable {
        case certificates
        /// Those for registries.
        case pullSecrets

        /// Tokens of ServiceAccounts and Helm's releases are many, large, and never meant.
        fileprivate var selector: String {
            switch self {
            case .certificates:
                "type!=kubernetes.io/service-account-token,type!=helm.sh/release.v1,"
                    + "type!=kubernetes.io/dockerconfigjson"
            case .pullSecrets: "type=kubernetes.io/dockerconfigjson"
            }
        }
    }

    private let kind: Kind
    private let client: KubernetesClient
    private let logger: Logger
    private let state = Mutex(State())

    package init(_ kind: Kind = .certificates, client: KubernetesClient, logger: Logger) {
        self.kind = kind
        self.client = client
        self.logger = logger
    }

    package func secret(_ key: ObjectKey) -> CredentialSecret? {
        state.withLock { $0.namespaces[key.namespace]?.store }?[key]
    }

    package func isSynced(_ namespace: String) -> Bool {
        state.withLock { $0.namespaces[namespace]?.store }?.isSynced ?? false
    }

    package func onChange(_ handler: @escaping @Sendable (String, String?) -> Void) {
        state.withLock { $0.handlers.append(handler) }
    }

    package func retain(_ namespace: String) {
        state.withLock { state in
            if state.namespaces[namespace] != nil {
                state.namespaces[namespace]?.uses += 1
                return
            }
            let store = Store<CredentialSecret>()
            store.onChange { [weak self] change in
                switch change {
                case .stored(let old, let new):
                    if old != new { self?.tell(namespace, new.key.name) }
                case .removed(let gone): self?.tell(namespace, gone.key.name)
                }
            }
            state.namespaces[namespace] = Watched(store: store, uses: 1, task: nil)
            if state.isRunning { state.namespaces[namespace]?.task = watch(namespace, into: store) }
        }
    }

    package func release(_ namespace: String) {
        let ended = state.withLock { state -> Task<Void, Never>? in
            guard let watched = state.namespaces[namespace] else { return nil }
            guard watched.uses == 1 else {
                state.namespaces[namespace]?.uses -= 1
                return nil
            }
            state.namespaces[namespace] = nil
            return watched.task
        }
        ended?.cancel()
    }

    /// Watches what is retained, until it is to end.
    package func run() async throws {
        state.withLock { state in
            state.isRunning = true
            for (namespace, watched) in state.namespaces where watched.task == nil {
                state.namespaces[namespace]?.task = watch(namespace, into: watched.store)
            }
        }
        try? await gracefulShutdown()
        let tasks = state.withLock { state in
            state.isRunning = false
            defer { for namespace in state.namespaces.keys { state.namespaces[namespace]?.task = nil } }
            return state.namespaces.values.compactMap(\.task)
        }
        for task in tasks { task.cancel() }
    }

    private func watch(_ namespace: String, into store: Store<CredentialSecret>) -> Task<Void, Never> {
        let reflector = Reflector(
            .secrets, reader: .decodable(CredentialSecret.self),
            in: ListScope(namespace: namespace, fieldSelector: kind.selector), into: store, client: client,
            logger: logger)
        return Task { [weak self] in
            await withTaskGroup(of: Void.self) { group in
                group.addTask { try? await reflector.run() }
                group.addTask {
                    await store.waitUntilSynced()
                    if !Task.isCancelled { self?.tell(namespace, nil) }
                }
            }
        }
    }

    private func tell(_ namespace: String, _ name: String?) {
        let handlers = state.withLock { $0.handlers }
        for handler in handlers { handler(namespace, name) }
    }
}
