import ControllerRuntime
import KubernetesClient
import KubernetesModel
import Logging
import Synchronization

/// Watches another cluster with one set of credentials.
final class RemoteCluster: Sendable {
    let access: RemoteAccess
    private let generation: ClusterGeneration
    private let inbox: ChangeInbox
    private let logger: Logger
    private let status = Mutex(ClusterStatus.State.syncing)
    private let synced = OneTime()
    private let reviews = Mutex<CachedTokenReviews?>(nil)
    private let now: @Sendable () -> Double
    private let duty: @Sendable (KubernetesClient, Logger) async -> Void
    private let onChange: @Sendable () -> Void

    /// - Parameters:
    ///   - now: Seconds since 1970.
    ///   - duty: What is done in the cluster besides looking at it, until cancelled.
    ///   - onChange: Called when its state is another one.
    init(
        _ access: RemoteAccess, _ generation: ClusterGeneration, inbox: ChangeInbox,
        now: @escaping @Sendable () -> Double, logger: Logger,
        duty: @escaping @Sendable (KubernetesClient, Logger) async -> Void,
        onChange: @escaping @Sendable () -> Void
    ) {
        self.onChange = onChange
        self.duty = duty
        self.now = now
        self.access = access
        self.generation = generation
        self.inbox = inbox
        var logger = logger
        logger[metadataKey: "cluster"] = .string(generation.memory.clusterID)
        self.logger = logger
    }

    var state: ClusterStatus.State { status.withLock { $0 } }

    /// Reviews tokens that were issued there; nil: nobody can be asked there.
    var tokens: (any TokenReviewing)? { reviews.withLock { $0 } }

    /// Waits until its first lists are told, or it is clear that nobody can get them now.
    func waitUntilSettled() async { await synced.wait() }

    /// Watches until cancelled. Whatever fails is said and tried again, unless only other credentials can help.
    func run() async {
        let configuration: ClientConfiguration
        do {
            configuration = try .kubeconfig(
                text: access.kubeconfig.exposed, origin: "Secret \(access.secret.namespace)/\(access.secret.name)")
        } catch {
            fail("\(error)")
            return
        }
        let client = KubernetesClient(configuration, userAgent: "pilot-discovery", logger: logger)
        reviews.withLock { $0 = CachedTokenReviews(TokenReviewer(client: client), now: now) }
        await watch(client)
        reviews.withLock { $0 = nil }
        do { try await client.shutdown() } catch {
            logger.debug("Connections were not closed in order", metadata: ["error": "\(error)"])
        }
    }

    private func watch(_ client: KubernetesClient) async {
        guard let api = await discover(client) else { return }
        let context = WatchedKind.Context(client: client, inbox: inbox, logger: logger, cluster: generation)
        let observations = WatchedKind.cluster(servedBy: api).map { $0.observe(context) }
        await withTaskGroup(of: Void.self) { group in
            for observation in observations { group.addTask { try? await observation.run() } }
            group.addTask { await self.duty(client, self.logger) }
            group.addTask {
                for observation in observations { await observation.waitUntilSynced() }
                guard !Task.isCancelled else { return }
                self.generation.memory.forget(before: self.generation.number)
                self.become(.synced)
                self.logger.info("Another cluster is part of the mesh")
            }
            await group.waitForAll()
        }
    }

    /// What the server has; asks until it is told. Nil once cancelled.
    private func discover(_ client: KubernetesClient) async -> DiscoveredAPI? {
        var failures = 0
        while !Task.isCancelled {
            do {
                let api = try await client.discover()
                // Without an answer the older form of endpoints would be taken for the only one.
                guard let missing = api.unavailable.first(where: { $0.key.group == "discovery.k8s.io" }) else {
                    return api
                }
                throw UnavailableGroup(version: "\(missing.key)", problem: "\(missing.value)")
            } catch {
                if Task.isCancelled { return nil }
                let delay = Backoff.reconnect.delay(afterFailures: failures, jitter: .random(in: 0...1))
                failures += 1
                fail("\(error)", after: delay)
                try? await Task.sleep(for: delay)
            }
        }
        return nil
    }

    private func become(_ state: ClusterStatus.State) {
        status.withLock { $0 = state }
        synced.happen()
        onChange()
    }

    private func fail(_ problem: String, after delay: Duration? = nil) {
        become(.failing(problem))
        logger.error(
            "Cannot look at another cluster; what was known of it counts on",
            metadata: ["error": "\(problem)", "after": "\(delay.map { "\($0)" } ?? "a change of its Secret")"])
    }
}

/// A version of a group that matters could not be asked about.
private struct UnavailableGroup: Error, CustomStringConvertible {
    var version: String
    var problem: String

    var description: String { "\(version) cannot be asked about: \(problem)" }
}
