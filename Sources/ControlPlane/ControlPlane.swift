import CertificateAuthority
import ControllerRuntime
package import FoundationEssentials
package import KubernetesClient
import KubernetesModel
package import Logging
import ServiceLifecycle
import Synchronization

/// One replica of the control plane.
package final class ControlPlane: Service {
    /// Lease of the replica that publishes the root, Istio's name.
    package static let publisherLease = "istio-namespace-controller-election"

    private let configuration: ControlPlaneConfiguration
    private let client: KubernetesClient
    private let now: @Sendable () -> Date
    private let logger: Logger
    private let state = Mutex(State.starting)

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
    }

    /// Whether it has its root and has seen what it watches; false again while it drains.
    package var isReady: Bool { state.withLock { $0 == .serving } }

    package func run() async throws {
        try await withGracefulShutdownHandler {
            try await cancelWhenGracefulShutdown { try await self.serve() }
        } onGracefulShutdown: {
            self.state.withLock { $0 = .draining }
        }
    }

    private func serve() async throws {
        guard let root = await loadRoot() else { return }
        let namespaces = Store<ObservedNamespace>()
        let published = Store<PublishedConfigMap>()
        let queue = WorkQueue<NamespaceName>()
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
            namespaces: namespaces, published: published, trustBundlePEM: root.rootCertificatePEM, client: client)
        let controller = Controller(
            name: "root-certificate-publisher", queue: queue, reconciler: publisher, concurrency: 4, logger: logger)
        let now = now
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
                await namespaces.waitUntilSynced()
                await published.waitUntilSynced()
                guard !Task.isCancelled else { return }
                self.becomeReady()
                try await elector.run()
            }
            defer { group.cancelAll() }
            try await group.waitForAll()
        }
    }

    private func becomeReady() {
        state.withLock { state in
            if state == .starting { state = .serving }
        }
        logger.info("Ready")
    }

    /// Reads or makes the root until it succeeds; nil once cancelled. An unusable Secret is said again and again: only
    /// a person can mend it, and the replica must not serve without.
    private func loadRoot() async -> CAMaterial? {
        let root = MeshRoot(
            client: client, namespace: configuration.namespace, trustDomain: configuration.trustDomain, now: now,
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
