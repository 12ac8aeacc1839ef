import AdmissionWebhook
import Authentication
import CertificateAuthority
import CertificateService
import ControllerRuntime
package import DebugPages
package import DiscoveryServer
package import FoundationEssentials
package import KubernetesClient
import KubernetesModel
package import Logging
import MeshControllers
package import MeshDiscovery
import MeshModel
import MeshObservation
import MeshTranslator
import Metrics
import Observability
import SecretDiscovery
import ServiceLifecycle
import Synchronization

/// One replica of the control plane.
package final class ControlPlane: Service {
    /// What proxies are sent.
    package let discovery: MeshDiscovery
    /// What people may look at while it works.
    package let debugging: ControlPlaneDebugging
    /// Who is connected.
    package var streams: DiscoveryStreams { ports.streams }

    private let configuration: ControlPlaneConfiguration
    private let client: KubernetesClient
    private let now: @Sendable () -> Date
    private let logger: Logger
    private let inbox: ChangeInbox
    private let observer: MeshObserver
    private let secrets: NamespaceSecrets
    private let clusterSecrets: ClusterSecrets
    private let pullSecrets: NamespaceSecrets
    private let keySets: KeySetUpkeep
    private let gatewayNames: GatewayNameUpkeep
    private let remoteClusters: RemoteClusters
    private let allocator: AddressAllocator
    private let registry: WorkloadRegistry
    private let statuses: ConfigurationStatusReporter
    private let ingressStatuses: IngressStatusReporter
    private let ports: DiscoveryPorts
    private let webhooks: MeshWebhooks
    private let trustDomains: TrustDomainSettings
    private let state = Mutex(State.starting)
    /// Servers that do not listen yet: of xDS, and of webhooks.
    private let silentServers = Mutex(2)

    private enum State { case starting, serving, draining }

    /// - Parameter now: The wall clock.
    package init(
        _ configuration: ControlPlaneConfiguration, client: KubernetesClient, now: @escaping @Sendable () -> Date,
        logger: Logger
    ) {
        self.configuration = configuration
        self.client = client
        self.now = now
        self.logger = logger
        trustDomains = TrustDomainSettings(configuration.trustDomain)
        discovery = MeshDiscovery(
            settings: configuration.baseSettings, translation: configuration.translation, logger: logger)
        let inbox = ChangeInbox(configuration.debounce)
        self.inbox = inbox
        observer = MeshObserver(
            clusterID: configuration.clusterID, client: client, inbox: inbox, meshConfig: configuration.meshConfig,
            logger: logger)
        allocator = AddressAllocator(
            configuration.election, client: client, discovery: discovery, observer: observer, now: now, logger: logger)
        registry = WorkloadRegistry(
            configuration.registration, namespace: configuration.namespace, identity: configuration.identity,
            client: client, discovery: discovery, observer: observer, now: now, logger: logger)
        remoteClusters = RemoteClusters(
            ownID: configuration.clusterID, namespace: configuration.namespace, client: client, inbox: inbox,
            now: { now().timeIntervalSince1970 }, logger: logger)
        statuses = ConfigurationStatusReporter(
            configuration.election, client: client, discovery: discovery, observer: observer, now: now, logger: logger)
        ingressStatuses = IngressStatusReporter(
            configuration.election, gatewayNamespace: configuration.ingressNamespace, client: client,
            discovery: discovery, observer: observer, now: now, logger: logger)
        debugging = ControlPlaneDebugging(site: configuration.site, now: now)
        secrets = NamespaceSecrets(client: client, logger: logger)
        pullSecrets = NamespaceSecrets(.pullSecrets, client: client, logger: logger)
        keySets = KeySetUpkeep(HTTPKeySetFetcher(), logger: logger) { inbox.add($0, of: $1, isUrgent: false) }
        gatewayNames = GatewayNameUpkeep(SystemHostResolver(), logger: logger) {
            inbox.add($0, of: $1, isUrgent: false)
        }
        let authorizer = CachedSecretAuthorizer(APISecretAuthorizer(client: client)) { now().timeIntervalSince1970 }
        clusterSecrets = ClusterSecrets(ownID: configuration.clusterID, home: secrets, authorizer: authorizer)
        let source = CredentialSource(
            PullSecretSource(discovery, secrets: pullSecrets), naming: discovery, places: clusterSecrets,
            logger: logger)
        webhooks = MeshWebhooks(configuration, client: client, logger: logger)
        ports = DiscoveryPorts(
            configuration, source: source, attendant: registry, debugging: debugging,
            workloads: WorkloadQuestions(discovery), logger: logger)
    }

    /// Whether it serves; false again while it drains.
    package var isReady: Bool { state.withLock { $0 == .serving } }

    /// The port of xDS in plain text, once it is listened on; nil: there is none.
    package var plainPort: Int? { get async { await ports.plainPort } }

    /// The port of xDS over TLS, once it is listened on; nil: there is none, or no root yet.
    package var securePort: Int? { get async { await ports.securePort } }

    /// The port of webhooks, once it is listened on; nil: there is none, or no root yet.
    package var webhookPort: Int? { get async { await webhooks.port } }

    package func run() async throws {
        try await withGracefulShutdownHandler {
            guard let root = await cancelWhenGracefulShutdown({ await self.loadRoot() }) else { return }
            try await self.serve(root)
        } onGracefulShutdown: {
            self.state.withLock { $0 = .draining }
        }
    }

    private func serve(_ root: MeshRoot.Found) async throws {
        let authority = MeshAuthority(root)
        _ = AuthoritySettings(environment: configuration.environment) { [logger] problem in
            logger.warning("A setting is not understood, and its default counts", metadata: ["problem": "\(problem)"])
        }
        let publisher = RootPublishing(
            configuration.rootPublishing, authority: authority, client: client, now: now, logger: logger)
        let upkeep = RootUpkeep(
            authority, metrics: CertificateMetrics(), namespace: configuration.namespace, client: client, now: now,
            logger: logger)
        let remoteWork = remoteWork(authority)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await cancelWhenGracefulShutdown { try await publisher.run() } }
            group.addTask { await cancelWhenGracefulShutdown { await upkeep.run() } }
            group.addTask { try await cancelWhenGracefulShutdown { try await self.observer.run() } }
            group.addTask {
                try await cancelWhenGracefulShutdown { try await self.remoteClusters.run(remoteWork) }
            }
            group.addTask {
                try await cancelWhenGracefulShutdown {
                    await self.observer.waitUntilSynced()
                    try await self.statuses.run()
                }
            }
            group.addTask {
                await cancelWhenGracefulShutdown { await publisher.waitUntilSynced() }
                try await self.serveMesh(authority)
            }
            defer { group.cancelAll() }
            try await group.waitForAll()
        }
    }

    /// What other clusters are asked, and what is done there.
    private func remoteWork(_ authority: MeshAuthority) -> RemoteWork {
        let needs: [RemoteNeed] = configuration.authority.trustedNodeAccounts.isEmpty ? [] : [.impersonation]
        let roots = RemoteDuty.roots(configuration.rootPublishing, authority: authority, home: client, now: now)
        let duties = [roots, webhooks.remoteDuty(authority, now: now)].compactMap { $0 }
        let control = RemoteControl(
            environment: configuration.environment, namespace: configuration.namespace,
            clusterID: configuration.clusterID, duties: duties)
        return RemoteWork(needs: [.tokens] + needs, companions: [remoteCredentials], control: control)
    }

    /// Looks at what gateways of other clusters get certificates from.
    private var remoteCredentials: RemoteCompanion {
        let (secrets, now) = (clusterSecrets, now)
        return RemoteCompanion { site in
            let reader = NamespaceSecrets(client: site.client, logger: site.logger)
            let authorizer = CachedSecretAuthorizer(APISecretAuthorizer(client: site.client)) {
                now().timeIntervalSince1970
            }
            await secrets.attend(
                site.clusterID, generation: site.generation, reader, authorizer: authorizer,
                mayRead: { await site.permissions.allow(.credentials) },
                untilReadable: { await site.permissions.wait(for: .credentials) }, run: { try await reader.run() })
        } end: {
            secrets.forget($0, generation: $1)
        }
    }

    /// Serves the mesh once all first lists are in, until clients have been handed over.
    private func serveMesh(_ authority: MeshAuthority) async throws {
        await cancelWhenGracefulShutdown {
            await self.observer.waitUntilSynced()
            await self.remoteClusters.waitUntilSettled()
        }
        guard !Task.isCancelled, !Task.isShuttingDownGracefully else { return }
        await apply(inbox.takeAll(), since: .now)
        let security = try MeshSecurity(
            authority, settings: configuration.authority, namespace: configuration.namespace,
            revision: configuration.revision, trustDomains: { self.trustDomains.all },
            clusterID: configuration.clusterID,
            otherClusters: { [remoteClusters] in remoteClusters.tokens(ofCluster: $0) },
            otherPods: { [remoteClusters] in remoteClusters.pods(ofCluster: $0) },
            compliance: configuration.compliance, client: client, now: now, logger: logger)
        debugging.open(debugState, access: security.debugAccess, certificate: security.certificate.http)
        let retention = configuration.retention
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await self.inbox.run { await self.apply($0, since: $1) } }
            group.addTask { try await self.secrets.run() }
            group.addTask { try await self.pullSecrets.run() }
            group.addTask { try await self.keySets.run() }
            group.addTask { try await self.gatewayNames.run() }
            group.addTask { try await self.allocator.run() }
            group.addTask { try await self.registry.run() }
            group.addTask { try await self.ingressStatuses.run() }
            group.addTask {
                try await MeshSampling(discovery: self.discovery, remotes: self.remoteClusters, now: self.now).run()
            }
            group.addTask {
                while (try? await Task.sleep(for: retention / 2)) != nil {
                    await self.discovery.forget(unusedFor: retention)
                }
            }
            defer { group.cancelAll() }
            try await runServers(security, authority)
        }
    }

    /// One that cannot listen ends the other.
    private func runServers(_ security: MeshSecurity, _ authority: MeshAuthority) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.ports.run(security) { self.serverListens() } }
            group.addTask { try await self.webhooks.run(security, authority) { self.serverListens() } }
            defer { group.cancelAll() }
            try await group.waitForAll()
        }
    }

    private func apply(_ changes: [ObjectChange], since: ContinuousClock.Instant) async {
        await discovery.apply(changes, since: since)
        trustDomains.follow(await discovery.snapshot.settings)
        keySets.want(await discovery.snapshot.configuration.wantedKeySets)
        gatewayNames.want(await discovery.snapshot.topology.gatewayNames)
        allocator.consider(changes)
        registry.consider(changes)
        statuses.consider(changes)
        await ingressStatuses.consider(changes)
        webhooks.apply(changes)
    }

    /// Ready is who listens for xDS and for webhooks.
    private func serverListens() {
        let isLast = silentServers.withLock { count in
            count -= 1
            return count == 0
        }
        guard isLast else { return }
        state.withLock { state in
            if state == .starting { state = .serving }
        }
        if let age = ProcessMetrics.age { Gauge(label: "startup_duration_seconds").record(age) }
        logger.info("Ready")
    }

    /// Reads or makes the root until it succeeds; nil once cancelled. An unusable Secret is said again and again: only
    /// a person can mend it, and the replica must not serve without.
    private func loadRoot() async -> MeshRoot.Found? {
        let root = MeshRoot(
            client: client, namespace: configuration.namespace, recipe: configuration.succession.root, now: now,
            logger: logger)
        var failures = 0
        while !Task.isCancelled {
            do { return try await root.load() } catch {
                if Task.isCancelled { return nil }
                let delay = Backoff.reconnect.delay(afterFailures: failures, jitter: .random(in: 0...1))
                failures += 1
                logger.error("Cannot load the mesh root", metadata: ["error": "\(error)", "after": "\(delay)"])
                try? await Task.sleep(for: delay)
            }
        }
        return nil
    }
}

extension ControlPlane {
    /// What backends of metrics can be told that swift-metrics cannot say: help texts, and the bounds of histograms.
    package static var metricDescriptions: [(name: String, help: String, buckets: [Double]?)] {
        DiscoveryMetrics.descriptions + MeshMetrics.descriptions + MeshSampling.descriptions
            + WorkQueueMetricNames.pilot.descriptions + ConnectedMeshMetrics.descriptions + RemoteClusters.descriptions
            + KeySetUpkeep.descriptions
            + CertificateMetrics.descriptions + AdmissionMetrics.descriptions + RegistrationMetrics.descriptions
    }

    /// What people may look at while it works.
    package var debugState: some DiscoveryState {
        ObservedDiscovery(
            streams: streams, discovery: discovery, remotes: remoteClusters, observer: observer, webhooks: webhooks)
    }
}
