package import Authentication
package import CertificateService
import ControllerRuntime
package import KubernetesClient
import KubernetesModel
package import Logging
package import Metrics
import Synchronization

/// Watches the other clusters of the mesh: those that Secrets with label `istio/multiCluster=true` let in.
///
/// Each cluster has a client and watchers of its own, so that one that cannot be reached holds up nobody. A Secret that
/// changes replaces them; until the new ones have told everything, what the old ones told counts.
package final class RemoteClusters: Sendable {
    private struct Running {
        var cluster: RemoteCluster
        var generation: ClusterGeneration
        var task: Task<Void, Never>
    }

    private struct State {
        var running: [String: Running] = [:]
        /// Of clusters that have been watched, so that names are not told twice.
        var generations = 0
        var work = RemoteWork()
    }

    private let ownID: String
    private let namespace: String
    private let client: KubernetesClient
    private let inbox: ChangeInbox
    private let now: @Sendable () -> Double
    private let logger: Logger
    private let store = Store<RemoteSecret>()
    private let state = Mutex(State())
    private let managed: Gauge
    private let failing: Gauge
    private let metrics: any MetricsFactory
    private let patience: Duration
    private let (changes, change) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    /// - Parameters:
    ///   - ownID: The cluster that needs no Secret.
    ///   - namespace: Where the Secrets are.
    ///   - now: Seconds since 1970.
    ///   - patience: How long the first lists of other clusters are waited for.
    package init(
        ownID: String, namespace: String, client: KubernetesClient, inbox: ChangeInbox,
        now: @escaping @Sendable () -> Double, logger: Logger,
        metrics: any MetricsFactory = MetricsSystem.factory, patience: Duration = .seconds(30)
    ) {
        self.ownID = ownID
        self.namespace = namespace
        self.client = client
        self.inbox = inbox
        self.now = now
        self.logger = logger
        self.metrics = metrics
        self.patience = patience
        managed = Gauge(
            label: "istiod_managed_clusters", dimensions: [("cluster_type", "remote")], factory: metrics)
        failing = Gauge(label: "apus_failing_clusters", factory: metrics)
        store.onChange { [change] _ in change.yield() }
    }

    /// What backends of metrics can be told that swift-metrics cannot say: help texts.
    package static let descriptions: [(name: String, help: String, buckets: [Double]?)] =
        [
            ("istiod_managed_clusters", "Clusters that are looked at, besides the own one.", nil),
            ("remote_cluster_sync_timeouts_total", "Clusters that were not waited for any longer at the start.", nil),
            ("controller_sync_errors_total", "Failures to read from the API server of a cluster.", nil),
            ("apus_failing_clusters", "Clusters among them that cannot be looked at now.", nil),
        ] + DutyHolders.descriptions

    /// How it stands with each, by id.
    package var statuses: [ClusterStatus] {
        state.withLock { state in
            state.running.sorted { $0.key < $1.key }.map { id, running in
                ClusterStatus(
                    id: id, secret: running.cluster.access.secret, state: running.cluster.state,
                    missingRights: running.cluster.missingRights, duties: running.cluster.duties)
            }
        }
    }

    /// Reviews tokens that were issued in a cluster; nil: no Secret lets the control plane in.
    package func tokens(ofCluster id: String) -> (any TokenReviewing)? {
        state.withLock { $0.running[id]?.cluster }?.tokens
    }

    /// The Pods of a cluster; nil: nobody can be asked there.
    package func pods(ofCluster id: String) -> (any PodDirectory)? { state.withLock { $0.running[id]?.cluster }?.pods }

    /// Waits until all clusters that are known at the start have told their first lists or cannot be reached, but not
    /// for ever.
    package func waitUntilSettled() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await self.store.waitUntilSynced()
                self.update()
                for cluster in self.state.withLock({ $0.running.values.map(\.cluster) }) {
                    await cluster.waitUntilSettled()
                }
            }
            group.addTask { if (try? await Task.sleep(for: self.patience)) != nil { self.countLate() } }
            await group.next()
            group.cancelAll()
        }
    }

    /// Counts the clusters without which proxies are served.
    private func countLate() {
        for (id, running) in state.withLock({ $0.running }) where !running.cluster.isSettled {
            Counter(label: "remote_cluster_sync_timeouts_total", dimensions: [("cluster", id)], factory: metrics)
                .increment()
        }
    }

    /// Watches until cancelled.
    ///
    /// - Parameter work: What is done in each cluster besides looking at it.
    package func run(_ work: RemoteWork) async throws {
        state.withLock { $0.work = work }
        let reflector = Reflector(
            .secrets, reader: .decodable(RemoteSecret.self),
            in: ListScope(namespace: namespace, labels: LabelSelector(matchLabels: [RemoteSecret.label: "true"])),
            into: store,
            client: client, logger: logger)
        defer { end() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await reflector.run() }
            group.addTask {
                await self.store.waitUntilSynced()
                self.update()
                for await _ in self.changes { self.update() }
            }
            defer { group.cancelAll() }
            try await group.waitForAll()
        }
    }

    /// Starts, replaces and ends watchers, as the Secrets say now.
    private func update() {
        guard store.isSynced else { return }
        let wanted = RemoteSecret.clusters(of: store.objects, besides: ownID)
        state.withLock { state in
            for (id, running) in state.running where wanted[id] == nil {
                running.task.cancel()
                running.generation.memory.close()
                for companion in state.work.companions { companion.end(id, running.generation.number) }
                state.running[id] = nil
                logger.info("Another cluster is no longer part of the mesh", metadata: ["cluster": "\(id)"])
            }
            for (id, access) in wanted where state.running[id]?.cluster.access != access {
                let before = state.running[id]
                before?.task.cancel()
                state.generations += 1
                let generation = ClusterGeneration(
                    number: state.generations,
                    memory: before?.generation.memory ?? ClusterMemory(clusterID: id, inbox: inbox))
                let cluster = RemoteCluster(
                    access, generation, inbox: inbox, now: now, logger: logger, work: state.work
                ) { [weak self] in self?.count() }
                state.running[id] = Running(
                    cluster: cluster, generation: generation, task: Task { await cluster.run() })
                if before != nil { logger.info("New credentials for another cluster", metadata: ["cluster": "\(id)"]) }
            }
        }
        count()
    }

    private func count() {
        let statuses = statuses
        managed.record(statuses.count)
        failing.record(statuses.count { if case .failing = $0.state { true } else { false } })
    }

    private func end() {
        state.withLock { state in
            for running in state.running.values { running.task.cancel() }
        }
    }
}
