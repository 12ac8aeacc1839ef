import AdmissionWebhook
import Authentication
import CertificateAuthority
import CertificateService
import ControllerRuntime
import DiscoveryServer
import FoundationEssentials
import KubernetesClient
import KubernetesModel
import Logging
import MeshObservation
import MeshTranslator
import NIOCore
import NIOSSL
import Observability
import ServiceLifecycle
import Synchronization

/// The webhooks of one replica: their server, what it decides by, and the configurations that send API servers to it.
final class MeshWebhooks: Sendable {
    private let configuration: ControlPlaneConfiguration
    private let client: KubernetesClient
    private let logger: Logger
    private let injection: InjectionSource
    private let server = Mutex<AdmissionServer?>(nil)
    private let listening = OneTime()

    init(_ configuration: ControlPlaneConfiguration, client: KubernetesClient, logger: Logger) {
        self.configuration = configuration
        self.client = client
        self.logger = logger
        injection = InjectionSource(configuration, logger: logger)
    }

    /// The port of webhooks, once it is listened on; nil: there is none, or no root yet.
    var port: Int? { get async { try? await server.withLock { $0 }?.boundPort } }

    /// Has API servers of other clusters that are looked after from here trust this server, once it answers. Nil: it
    /// never does.
    func remoteDuty(_ authority: MeshAuthority, now: @escaping @Sendable () -> Date) -> RemoteDuty? {
        guard configuration.webhookAddress != nil else { return nil }
        return .webhooks(configuration, authority: authority, once: listening, now: now)
    }

    /// Takes what of the mesh's changes decides injection.
    func apply(_ changes: [ObjectChange]) { injection.use(changes) }

    /// The templates that Pods are injected by, by name; nil: there are none.
    var templates: [String: String]? { injection.templates }

    /// Serves until the process ends.
    ///
    /// - Parameter onListening: Webhooks are answered, or are not to be.
    func run(
        _ security: MeshSecurity, _ authority: MeshAuthority, onListening: @escaping @Sendable () -> Void
    ) async throws {
        guard let address = configuration.webhookAddress else {
            onListening()
            return
        }
        let injection = injection
        let server = AdmissionServer(
            address, injector: InjectionJudge { injection.answer(to: $0) }, validator: ValidationJudge(),
            security: .tls(security.webhookCertificate.http), logger: logger)
        self.server.withLock { $0 = server }
        let upkeep = WebhookUpkeep(
            configuration.webhooks, trustBundlePEM: authority.material.rootCertificatePEM,
            namespace: configuration.namespace, overlap: configuration.webhookRoots.overlap, client: client,
            logger: logger)
        let (changes, change) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        authority.onChange {
            upkeep.use(trustBundlePEM: $0.rootCertificatePEM)
            change.yield()
        }
        upkeep.use(trustBundlePEM: authority.material.rootCertificatePEM)
        // What changed before anybody listened counts too.
        change.yield()
        let settling = configuration.webhookRoots.settling
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.watchInjector() }
            group.addTask { try await self.askVersion() }
            let namespaces = watchedNamespaces()
            if let namespaces { group.addTask { try await cancelWhenGracefulShutdown { try await namespaces.run() } } }
            group.addTask {
                // Pods whose proxy names a user of no right would be refused.
                await cancelWhenGracefulShutdown { await namespaces?.waitUntilSynced() }
                try await server.run()
            }
            group.addTask { try await security.webhookCertificate.run() }
            group.addTask {
                await cancelWhenGracefulShutdown {
                    for await _ in changes {
                        // Who calls has to be told first.
                        try? await Task.sleep(for: settling)
                        if !Task.isCancelled { security.webhookCertificate.use(authority.material) }
                    }
                }
            }
            group.addTask {
                guard (try? await server.boundPort) != nil else { return }
                self.listening.happen()
                onListening()
                try await upkeep.run()
            }
            defer { group.cancelAll() }
            try await group.waitForAll()
        }
    }

    private func watchInjector() async throws {
        let store = Store<InjectorConfigMap>()
        let injection = injection
        store.onChange { change in
            switch change {
            case .stored(_, let map): injection.use(map.data ?? [:])
            case .removed: injection.use(nil)
            }
        }
        let key = configuration.injectorConfig
        try await Reflector(
            .configMaps, reader: .decodable(InjectorConfigMap.self),
            in: ListScope(namespace: key.namespace, fieldSelector: "metadata.name=\(key.name)"), into: store,
            client: client, logger: logger
        ).run()
    }

    /// What says whom proxies run as; nil where namespaces do not.
    private func watchedNamespaces() -> NamespaceAccounts? {
        guard configuration.environment["PLATFORM"] == "openshift" else { return nil }
        let injection = injection
        return NamespaceAccounts(client: client, logger: logger) { injection.use($0, namespace: $1) }
    }

    /// Nodes are upgraded while control planes run.
    private func askVersion() async throws {
        await cancelWhenGracefulShutdown {
            var failures = 0
            while !Task.isCancelled {
                if let version = try? await self.client.version() {
                    failures = 0
                    self.injection.use(kubernetesMinor: version.minor)
                } else {
                    failures += 1
                }
                try? await Task.sleep(for: failures == 0 ? .seconds(600) : .seconds(min(failures, 30)))
            }
        }
    }
}

/// What is watched of the injector's ConfigMap.
private struct InjectorConfigMap: KubernetesObject, Keyed {
    var metadata: ObjectMeta
    var data: [String: String]?
}

extension HTTPConnectionSecurity {
    /// TLS alone, with whatever certificate counts when a connection begins.
    fileprivate static func tls(_ source: any TLSContextSource) -> HTTPConnectionSecurity {
        HTTPConnectionSecurity(
            prepare: { channel in
                try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: source.context))
            }, isEncrypted: { _ in true })
    }
}
