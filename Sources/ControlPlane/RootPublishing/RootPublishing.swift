import ControllerRuntime
import FoundationEssentials
import KubernetesClient
import KubernetesModel
import Logging

/// Runs the ``RootCertificatePublisher`` of one replica: it watches always, and writes while it leads. The leader also
/// replaces a self-signed root in time.
struct RootPublishing: Sendable {
    private let namespaces = Store<ObservedNamespace>()
    private let roots = Store<PublishedConfigMap>()
    private let revocations = Store<PublishedConfigMap>()
    private let queue = WorkQueue<NamespaceName>()
    private let configuration: ControlPlaneConfiguration
    private let authority: MeshAuthority
    /// Nil: another cluster's root is not made there.
    private let rotation: RootRotation?
    private let client: KubernetesClient
    private let contest: PublishingContest?
    /// Where it is agreed who publishes, by which Lease, and under which name.
    private let election: (client: KubernetesClient, lease: String, holder: String)
    private let now: @Sendable () -> Date
    private let logger: Logger

    /// - Parameters:
    ///   - client: Of the control plane's own cluster, which holds the root.
    ///   - place: The cluster where it is published; nil: in the own one.
    init(
        _ configuration: ControlPlaneConfiguration, authority: MeshAuthority, client: KubernetesClient,
        in place: RemotePublishing? = nil, now: @escaping @Sendable () -> Date, logger: Logger
    ) {
        self.configuration = configuration
        self.authority = authority
        self.client = place?.site.client ?? client
        contest = place?.contest
        let identity = configuration.identity
        election =
            switch place {
            case nil: (client, ControlPlane.publisherLease, identity)
            // Pods of different clusters have the same names.
            case let place? where place.isElectedThere:
                (place.site.client, ControlPlane.remotePublisherLease, "\(configuration.clusterID)/\(identity)")
            case let place?: (client, Self.lease(ofCluster: place.site.clusterID), identity)
            }
        rotation =
            place == nil
            ? RootRotation(
                configuration.succession, checkInterval: configuration.authority.rootCheckInterval,
                namespace: configuration.namespace, client: client, now: now, logger: logger) : nil
        self.now = now
        self.logger = logger
    }

    /// The Lease, at home, of the replica that publishes in another cluster. Ids of clusters may hold what names may not.
    static func lease(ofCluster id: String) -> String {
        let isName = id.utf8.allSatisfy { byte in
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
                || byte == UInt8(ascii: "-")
        }
        if isName, !id.isEmpty, id.utf8.count <= 63, id.utf8.last != UInt8(ascii: "-") {
            return "\(ControlPlane.publisherLease)-\(id)"
        }
        let hex = id.utf8.prefix(90).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        return "\(ControlPlane.publisherLease)-x\(hex)"
    }

    /// Waits for the first lists.
    func waitUntilSynced() async {
        await namespaces.waitUntilSynced()
        await roots.waitUntilSynced()
        await revocations.waitUntilSynced()
    }

    func run() async throws {
        let (queue, namespaces) = (queue, namespaces)
        namespaces.onChange { change in
            if case .stored(_, let namespace) = change { queue.add(NamespaceName(name: namespace.key.name)) }
        }
        for store in [roots, revocations] {
            store.onChange { change in
                switch change {
                case .stored(_, let configMap), .removed(let configMap):
                    queue.add(NamespaceName(name: configMap.key.namespace))
                }
            }
        }
        // Other clusters come and go.
        authority.onChange { [weak queue, weak namespaces] _ in
            guard let queue, let namespaces else { return }
            for namespace in namespaces.objects { queue.add(NamespaceName(name: namespace.key.name)) }
        }
        let publisher = RootCertificatePublisher(
            namespaces: namespaces, roots: roots, revocations: revocations, authority: authority, client: client,
            contest: contest)
        let controller = Controller(
            name: "root-certificate-publisher", queue: queue, reconciler: publisher, concurrency: 4, logger: logger)
        let elector = configuration.leader(
            election.lease, as: election.holder, client: election.client, now: now, logger: logger
        ) {
            for namespace in namespaces.objects { queue.add(NamespaceName(name: namespace.key.name)) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                if let rotation { group.addTask { await rotation.run() } }
                defer { group.cancelAll() }
                try await controller.run()
            }
        }
        let namespaceReflector = Reflector(
            .namespaces, reader: .decodable(ObservedNamespace.self), into: namespaces, client: client, logger: logger)
        let publishedReflectors = [
            (RootCertificatePublisher.configMapName, roots), (RootCertificatePublisher.revocationsName, revocations),
        ].map { name, store in
            Reflector(
                .configMaps, reader: .decodable(PublishedConfigMap.self),
                in: ListScope(fieldSelector: "metadata.name=\(name)"), into: store, client: client, logger: logger)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await namespaceReflector.run() }
            for reflector in publishedReflectors { group.addTask { try await reflector.run() } }
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
