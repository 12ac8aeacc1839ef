import Authentication
import CertificateService
import ControllerRuntime
import KubernetesClient
import KubernetesModel
import Logging
import Synchronization

/// What is done in other clusters besides looking at them.
package struct RemoteWork: Sendable {
    /// What is asked there now and then.
    package var needs: [RemoteNeed]
    /// What is done in each.
    package var companions: [RemoteCompanion]
    /// Nil: nothing else.
    package var control: RemoteControl?

    package init(
        needs: [RemoteNeed] = [], companions: [RemoteCompanion] = [], control: RemoteControl? = nil
    ) {
        self.needs = needs
        self.companions = companions
        self.control = control
    }
}

/// Something that is done in each other cluster.
package struct RemoteCompanion: Sendable {
    /// Until cancelled: the cluster has gone, or there are other credentials for it.
    package var run: @Sendable (RemoteSite) async -> Void
    /// The cluster of an id is no longer one of the mesh; what ran there last, or was to, is of this generation.
    package var end: @Sendable (_ clusterID: String, _ generation: Int) -> Void

    /// - Parameters:
    ///   - run: Until cancelled: the cluster has gone, or there are other credentials for it.
    ///   - end: The cluster of an id is no longer one of the mesh; what ran there last, or was to, is of this
    ///     generation.
    package init(
        run: @escaping @Sendable (RemoteSite) async -> Void,
        end: @escaping @Sendable (_ clusterID: String, _ generation: Int) -> Void
    ) {
        self.run = run
        self.end = end
    }
}

/// Watches another cluster with one set of credentials.
final class RemoteCluster: Sendable {
    let access: RemoteAccess
    private let generation: ClusterGeneration
    private let inbox: ChangeInbox
    private let logger: Logger
    private let status = Mutex(ClusterStatus.State.syncing)
    private let synced = OneTime()
    private let connection = Mutex<Connection?>(nil)
    private let now: @Sendable () -> Double
    private let work: RemoteWork
    private let onChange: @Sendable () -> Void

    /// What can be asked there.
    private struct Connection: Sendable {
        var tokens: CachedTokenReviews
        var pods: APIPodDirectory
        var permissions: RemotePermissions
        var duties: DutyHolders
    }

    /// - Parameters:
    ///   - now: Seconds since 1970.
    ///   - work: What is done in the cluster besides looking at it.
    ///   - onChange: Called when its state is another one.
    init(
        _ access: RemoteAccess, _ generation: ClusterGeneration, inbox: ChangeInbox,
        now: @escaping @Sendable () -> Double, logger: Logger,
        work: RemoteWork, onChange: @escaping @Sendable () -> Void
    ) {
        self.onChange = onChange
        self.work = work
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
    var tokens: (any TokenReviewing)? { connection.withLock { $0?.tokens } }

    /// The Pods there; nil: nobody can be asked there.
    var pods: (any PodDirectory)? { connection.withLock { $0?.pods } }

    /// What the account may not do there that it is for.
    var missingRights: [String] { connection.withLock { $0?.permissions }?.missing ?? [] }

    /// Who does what there.
    var duties: [RemoteDutyName: DutyHolder] { connection.withLock { $0?.duties }?.all ?? [:] }

    var isSettled: Bool { synced.hasHappened }

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
        let permissions = RemotePermissions(OwnRightsReviewer(client: client), logger: logger)
        let duties = DutyHolders(clusterID: generation.memory.clusterID, logger: logger)
        connection.withLock {
            $0 = Connection(
                tokens: CachedTokenReviews(TokenReviewer(client: client), now: now),
                pods: APIPodDirectory(client: client), permissions: permissions, duties: duties)
        }
        await watch(
            RemoteSite(
                clusterID: generation.memory.clusterID, generation: generation.number, client: client,
                permissions: permissions, duties: duties, logger: logger))
        duties.end()
        connection.withLock { $0 = nil }
        do { try await client.shutdown() } catch {
            logger.debug("Connections were not closed in order", metadata: ["error": "\(error)"])
        }
    }

    private func watch(_ site: RemoteSite) async {
        guard let api = await discover(site.client) else { return }
        let context = WatchedKind.Context(
            client: site.client, inbox: inbox, logger: logger, clusterID: generation.memory.clusterID,
            cluster: generation)
        let watch = RemoteWatch(
            kinds: WatchedKind.cluster(servedBy: api).map {
                RemoteWatch.Kind(groupKind: $0.resource.groupKind, need: $0.need, observation: $0.observe(context))
            }, permissions: site.permissions, generation: generation)
        await withTaskGroup(of: Void.self) { group in
            for need in work.needs { group.addTask { _ = await site.permissions.wait(for: need) } }
            for companion in work.companions { group.addTask { await companion.run(site) } }
            group.addTask { await self.work.control?.run(site) }
            group.addTask {
                await watch.run { state in
                    self.become(state)
                    if state == .synced { self.logger.info("Another cluster is part of the mesh") }
                }
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
