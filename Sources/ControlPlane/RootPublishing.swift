import ControllerRuntime
import FoundationEssentials
import KubernetesClient
import KubernetesModel
import Logging

/// Runs the ``RootCertificatePublisher`` of one replica: it watches always, and writes while it leads.
struct RootPublishing: Sendable {
    private let namespaces = Store<ObservedNamespace>()
    private let published = Store<PublishedConfigMap>()
    private let queue = WorkQueue<NamespaceName>()
    private let configuration: ControlPlaneConfiguration
    private let trustBundlePEM: String
    private let client: KubernetesClient
    private let now: @Sendable () -> Date
    private let logger: Logger

    init(
        _ configuration: ControlPlaneConfiguration, trustBundlePEM: String, client: KubernetesClient,
        now: @escaping @Sendable () -> Date, logger: Logger
    ) {
        self.configuration = configuration
        self.trustBundlePEM = trustBundlePEM
        self.client = client
        self.now = now
        self.logger = logger
    }

    /// Waits for the first lists.
    func waitUntilSynced() async {
        await namespaces.waitUntilSynced()
        await published.waitUntilSynced()
    }

    func run() async throws {
        let (queue, namespaces, now) = (queue, namespaces, now)
        namespaces.onChange { change in
            if case .stored(_, let namespace) = change { queue.add(NamespaceName(name: namespace.key.name)) }
        }
        published.onChange { change in
            switch change {
            case .stored(_, let configMap), .removed(let configMap):
                queue.add(NamespaceName(name: configMap.key.namespace))
            }
        }
        let publisher = RootCertificatePublisher(
            namespaces: namespaces, published: published, trustBundlePEM: trustBundlePEM, client: client)
        let controller = Controller(
            name: "root-certificate-publisher", queue: queue, reconciler: publisher, concurrency: 4, logger: logger)
        let elector = LeaderElector(
            client: client,
            lease: ObjectKey(namespace: configuration.namespace, name: ControlPlane.publisherLease),
            identity: configuration.identity, timing: configuration.leaseTiming,
            wallClock: { Int64(now().timeIntervalSince1970 * 1_000_000) }, logger: logger
        ) {
            for namespace in namespaces.objects { queue.add(NamespaceName(name: namespace.key.name)) }
            try await controller.run()
        }
        let namespaceReflector = Reflector(
            .namespaces, reader: .decodable(ObservedNamespace.self), into: namespaces, client: client, logger: logger)
        let publishedReflector = Reflector(
            .configMaps, reader: .decodable(PublishedConfigMap.self),
            in: ListScope(fieldSelector: "metadata.name=\(RootCertificatePublisher.configMapName)"), into: published,
            client: client, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await namespaceReflector.run() }
            group.addTask { try await publishedReflector.run() }
            group.addTask {
                await waitUntilSynced()
                guard !Task.isCancelled else { return }
                try await elector.run()
            }
            defer { group.cancelAll() }
            try await group.waitForAll()
        }
    }
}
