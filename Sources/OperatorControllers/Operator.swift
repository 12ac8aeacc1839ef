package import ControllerRuntime
import IstioAPI
package import KubernetesClient
import KubernetesModel
package import Logging
import ManifestRenderer
import Observability
import ServiceLifecycle
import Synchronization

/// How one operator process runs.
package struct OperatorConfiguration: Hashable, Sendable {
    /// Namespaces whose IstioOperators it reconciles; empty for all.
    package var watchedNamespaces: [String] = []
    /// Where its Lease lies.
    package var namespace = "apus-system"
    /// Unique among replicas: the Pod's name.
    package var identity: String
    package var leaseTiming = LeaseTiming.standard
    /// IstioOperators reconciled at once.
    package var concurrency = 2

    /// Name of the Lease.
    package static let leaseName = "apus-operator"

    package init(identity: String) { self.identity = identity }
}

/// The operator: reflectors on every replica, the controller on the one that leads.
package final class Operator: Service {
    private let configuration: OperatorConfiguration
    private let client: KubernetesClient
    private let wallClock: @Sendable () -> Int64
    private let webhookServer: any WebhookServerProbing
    private let logger: Logger
    private let areStoresSynced = Mutex<(@Sendable () -> Bool)?>(nil)

    /// - Parameters:
    ///   - wallClock: Microseconds since 1970.
    ///   - webhookServer: How it learns whether a control plane's webhook server answers; nil asks the server.
    package init(
        _ configuration: OperatorConfiguration, client: KubernetesClient,
        wallClock: @escaping @Sendable () -> Int64, webhookServer: (any WebhookServerProbing)? = nil, logger: Logger
    ) {
        self.configuration = configuration
        self.client = client
        self.wallClock = wallClock
        self.webhookServer = webhookServer ?? WebhookServerProbe(client: client, logger: logger)
        self.logger = logger
    }

    /// Whether it has seen everything it watches once. Does not ask for leadership.
    package var isSynced: Bool { areStoresSynced.withLock { $0 }?() ?? false }

    package func run() async throws {
        try await cancelWhenGracefulShutdown { try await self.operate() }
    }

    private func operate() async throws {
        let facts = FactsSource(client: client)
        guard let findings = try await firstFindings(facts) else { return }
        let operators = Store<IstioOperator>(reflectors: max(1, configuration.watchedNamespaces.count))
        let owned = Dictionary(
            uniqueKeysWithValues: installedResources(served: findings.api).map { ($0, Store<OwnedObject>()) })
        areStoresSynced.withLock { synced in
            synced = { operators.isSynced && owned.values.allSatisfy(\.isSynced) }
        }
        let queue = WorkQueue<ObjectKey>()
        connect(operators, owned, to: queue)
        let controller = Controller(
            name: "istiooperator", queue: queue,
            reconciler: reconciler(operators: operators, owned: owned, facts: facts),
            concurrency: configuration.concurrency, logger: logger)
        let elector = LeaderElector(
            client: client,
            lease: ObjectKey(namespace: configuration.namespace, name: OperatorConfiguration.leaseName),
            identity: configuration.identity, timing: configuration.leaseTiming, wallClock: wallClock, logger: logger
        ) {
            await operators.waitUntilSynced()
            for store in owned.values { await store.waitUntilSynced() }
            ProcessMemory.returnFreed()
            // What was reconciled under another leader is looked at again.
            for key in operators.objects.map(\.key) { queue.add(key) }
            try await controller.run()
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for reflector in operatorReflectors(into: operators) { group.addTask { try await reflector.run() } }
            for (resource, store) in owned {
                let reflector = Reflector(
                    resource, reader: OwnedObject.reader(for: resource), in: ListScope(labels: Owner.selector),
                    into: store,
                    client: client, logger: logger)
                group.addTask { try await reflector.run() }
            }
            group.addTask { try await elector.run() }
            defer { group.cancelAll() }
            try await group.waitForAll()
        }
    }

    /// Asks the cluster what it serves until it answers; nil once cancelled.
    private func firstFindings(_ facts: FactsSource) async throws -> FactsSource.Findings? {
        var failures = 0
        while !Task.isCancelled {
            do { return try await facts.current() } catch {
                if Task.isCancelled { return nil }
                let delay = Backoff.reconnect.delay(afterFailures: failures, jitter: .random(in: 0...1))
                failures += 1
                logger.warning(
                    "Cannot ask the API server what it serves", metadata: ["error": "\(error)", "after": "\(delay)"])
                try? await Task.sleep(for: delay)
            }
        }
        return nil
    }

    /// Names the work that each change makes.
    private func connect(
        _ operators: Store<IstioOperator>, _ owned: IstioOperatorReconciler.OwnedStores, to queue: WorkQueue<ObjectKey>
    ) {
        operators.onChange { [weak operators] change in
            switch change {
            case .stored(let old, let new):
                queue.add(new.key)
                // Its claims changed: others may be free to go on, or not any more.
                if old.map({ $0.metadata.generation != new.metadata.generation }) ?? true {
                    for key in operators?.objects.map(\.key) ?? [] { queue.add(key) }
                }
            case .removed(let old):
                queue.add(old.key)
                for key in operators?.objects.map(\.key) ?? [] { queue.add(key) }
            }
        }
        let addOwners: @Sendable (Set<Owner>) -> Void = { [weak operators] owners in
            for key in operators?.objects.map(\.key) ?? []
            where owners.contains(.shared) || owners.contains(Owner(key)) {
                queue.add(key)
            }
        }
        for store in owned.values {
            store.onChange { change in
                switch change {
                case .stored(let old, let new) where old == new: break
                case .stored(let old, let new): addOwners(Set([old?.owner, new.owner].compactMap { $0 }))
                case .removed(let old): addOwners(Set([old.owner].compactMap { $0 }))
                }
            }
        }
    }

    private func operatorReflectors(into store: Store<IstioOperator>) -> [Reflector<IstioOperator>] {
        let namespaces = configuration.watchedNamespaces.isEmpty ? [""] : configuration.watchedNamespaces
        return namespaces.map { namespace in
            Reflector(
                .istioOperators, reader: .json { IstioOperator($0) }, in: ListScope(namespace: namespace), into: store,
                client: client, logger: logger)
        }
    }

    private func reconciler(
        operators: Store<IstioOperator>, owned: IstioOperatorReconciler.OwnedStores, facts: FactsSource
    ) -> IstioOperatorReconciler {
        let wallClock = wallClock
        let seconds: @Sendable () -> Int64 = { wallClock() / 1_000_000 }
        let manager = IstioOperatorReconciler.controllerManager
        return IstioOperatorReconciler(
            operators: operators,
            installation: Installation(
                facts: facts, owned: owned,
                applier: Applier(client: client, manager: IstioOperatorReconciler.installManager), client: client,
                webhookServer: webhookServer, logger: logger),
            uninstallation: Uninstallation(client: client, owned: owned, logger: logger),
            finalizer: Finalizer(
                name: IstioOperatorReconciler.finalizerName, client: client, resource: .istioOperators,
                manager: manager),
            statuses: StatusWriter(client: client, resource: .istioOperators, manager: manager),
            events: EventRecorder(
                client: client, component: manager, host: configuration.identity, now: seconds, logger: logger),
            now: seconds, logger: logger)
    }
}
