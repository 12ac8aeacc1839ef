import ControllerRuntime
import FoundationEssentials
import KubernetesClient
import KubernetesModel
import Logging

/// Publishes the mesh's root in another cluster while that one's namespace of the same name as the control plane's says
/// that it is looked after from here: annotation `topology.istio.io/controlPlaneClusters` names this cluster, or `*`.
///
/// Only where `EXTERNAL_ISTIOD` says that this control plane looks after other clusters at all.
struct RemoteRootPublishing: Sendable {
    static let annotation = "topology.istio.io/controlPlaneClusters"

    private let configuration: ControlPlaneConfiguration
    private let authority: MeshAuthority
    private let now: @Sendable () -> Date

    /// - Returns: Nil for a control plane that looks after its own cluster alone.
    init?(
        _ configuration: ControlPlaneConfiguration, authority: MeshAuthority, now: @escaping @Sendable () -> Date
    ) {
        let isOn = configuration.environment["EXTERNAL_ISTIOD"]?.lowercased()
        guard ["true", "1", "t"].contains(isOn) else { return nil }
        self.configuration = configuration
        self.authority = authority
        self.now = now
    }

    /// Publishes whenever it is asked for, until cancelled.
    func run(_ client: KubernetesClient, _ logger: Logger) async {
        let store = Store<ObservedNamespace>()
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        store.onChange { _ in wake.yield() }
        let reflector = Reflector(
            .namespaces, reader: .decodable(ObservedNamespace.self),
            in: ListScope(fieldSelector: "metadata.name=\(configuration.namespace)"), into: store, client: client,
            logger: logger)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await reflector.run() }
            group.addTask { await follow(wakes, store, client, logger) }
            await group.waitForAll()
        }
    }

    private func follow(
        _ wakes: AsyncStream<Void>, _ store: Store<ObservedNamespace>, _ client: KubernetesClient, _ logger: Logger
    ) async {
        var publishing: Task<Void, Never>?
        for await _ in wakes {
            let isWanted = Self.names(
                configuration.clusterID,
                store[ObjectKey(name: configuration.namespace)]?.metadata.annotations[Self.annotation])
            guard isWanted != (publishing != nil) else { continue }
            publishing?.cancel()
            await publishing?.value
            guard isWanted else {
                publishing = nil
                continue
            }
            logger.info("The mesh's root is published in another cluster")
            let duty = RootPublishing(
                configuration, authority: authority, client: client, isOwn: false, now: now, logger: logger)
            publishing = Task {
                do { try await duty.run() } catch {
                    logger.error("The mesh's root is not published in another cluster", metadata: ["error": "\(error)"])
                }
            }
        }
        publishing?.cancel()
        await publishing?.value
    }

    /// Whether an annotation names a cluster.
    static func names(_ cluster: String, _ annotation: String?) -> Bool {
        (annotation ?? "").split(separator: ",").map { $0.filter { $0 != " " } }.contains { $0 == cluster || $0 == "*" }
    }
}
