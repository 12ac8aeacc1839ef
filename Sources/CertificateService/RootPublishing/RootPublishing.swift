package import CertificateAuthority
package import ControllerRuntime
package import FoundationEssentials
package import KubernetesClient
import KubernetesModel
package import Logging

/// Runs the ``RootCertificatePublisher`` of one replica: it watches always, and writes while it leads. The leader also
/// replaces a self-signed root in time.
package struct RootPublishing: Sendable {
    /// What a replica is told about it.
    package struct Settings: Sendable {
        /// As whom, and where, it stands for Leases.
        package var election: LeaderElection
        /// Of the own cluster.
        package var clusterID: String
        /// How a self-signed root is replaced.
        package var succession: SuccessionPolicy
        /// How often it is looked whether the root is to be replaced.
        package var checkInterval: Duration

        package init(
            election: LeaderElection, clusterID: String, succession: SuccessionPolicy, checkInterval: Duration
        ) {
            self.election = election
            self.clusterID = clusterID
            self.succession = succession
            self.checkInterval = checkInterval
        }
    }

    /// Lease of the replica that publishes the root, Istio's name.
    package static let publisherLease = "istio-namespace-controller-election"
    /// Lease, in a cluster that control planes of others look after, of the one that publishes the root there.
    package static let remotePublisherLease = "istio-remote-namespace-controller-election"

    private let namespaces = Store<ObservedNamespace>()
    private let roots = Store<PublishedConfigMap>()
    private let revocations = Store<PublishedConfigMap>()
    private let queue = WorkQueue<NamespaceName>()
    private let settings: Settings
    private let authority: MeshAuthority
    /// Nil: another cluster's root is not made there.
    private let rotation: RootRotation?
    private let client: KubernetesClient
    private let contest: PublishingContest?
    private let onHolder: @Sendable (_ holder: String, _ isHere: Bool) -> Void
    /// Where it is agreed who publishes, by which Lease, and under which name.
    private let election: (client: KubernetesClient, lease: String, holder: String)
    private let now: @Sendable () -> Date
    private let logger: Logger

    /// - Parameters:
    ///   - client: Of the control plane's own cluster, which holds the root.
    ///   - place: The cluster where it is published; nil: in the own one.
    package init(
        _ settings: Settings, authority: MeshAuthority, client: KubernetesClient, in place: RemotePublishing? = nil,
        now: @escaping @Sendable () -> Date, logger: Logger
    ) {
        self.settings = settings
        self.authority = authority
        self.client = place?.client ?? client
        contest = place?.contest
        onHolder = { holder, isHere in place?.onHolder(holder, isHere) }
        let identity = settings.election.identity
        election =
            switch place {
            case nil: (client, Self.publisherLease, identity)
            // Pods of different clusters have the same names.
            case let place? where place.isElectedThere:
                (place.client, Self.remotePublisherLease, "\(settings.clusterID)/\(identity)")
            case let place?: (client, Self.lease(ofCluster: place.clusterID), identity)
            }
        rotation =
            place == nil
            ? RootRotation(
                settings.succession, checkInterval: settings.checkInterval, namespace: settings.election.namespace,
                client: client, now: now, logger: logger) : nil
        self.now = now
        self.logger = logger
    }

    /// The Lease, at home, of the replica that publishes in another cluster. Ids of clusters may hold what names may
    /// not.
    static func lease(ofCluster id: String) -> String {
        let isName = id.utf8.allSatisfy { byte in
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
                || byte == UInt8(ascii: "-")
        }
        if isName, !id.isEmpty, id.utf8.count <= 63, id.utf8.last != UInt8(ascii: "-") {
            return "\(publisherLease)-\(id)"
        }
        let hex = id.utf8.prefix(90).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        return "\(publisherLease)-x\(hex)"
    }

    /// Waits for the first lists.
    package func waitUntilSynced() async {
        await namespaces.waitUntilSynced()
        await roots.waitUntilSynced()
        await revocations.waitUntilSynced()
    }

    /// Watches and, while it leads, writes, until cancelled.
    package func run() async throws {
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
        let listener = authority.onChange { [weak queue, weak namespaces] _ in
            guard let queue, let namespaces else { return }
            for namespace in namespaces.objects { queue.add(NamespaceName(name: namespace.key.name)) }
        }
        defer { listener.end() }
        let publisher = RootCertificatePublisher(
            namespaces: namespaces, roots: roots, revocations: revocations, authority: authority, client: client,
            contest: contest)
        let controller = Controller(
            name: "root-certificate-publisher", queue: queue, reconciler: publisher, concurrency: 4, names: .pilot,
            logger: logger)
        let elector = settings.election.elector(
            election.lease, as: election.holder, client: election.client, now: now, logger: logger,
            onHolder: { [onHolder, holder = election.holder] in onHolder($0, $0 == holder) }
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
