import ControllerRuntime
import KubernetesClient
import KubernetesModel
import Logging

/// A cluster that the control plane was let into: what it takes to do something there.
struct RemoteSite: Sendable {
    var clusterID: String
    var client: KubernetesClient
    var permissions: RemotePermissions
    /// Its metadata name the cluster.
    var logger: Logger
}

/// Something that is done in other clusters that are looked after from here.
struct RemoteDuty: Sendable {
    var need: RemoteNeed
    /// Until cancelled, or the claim is another one.
    var run: @Sendable (RemoteSite, RemoteClaim) async throws -> Void
}

/// Looks after another cluster while that one's namespace of the same name as the control plane's says that it is to be
/// looked after from here: annotation `topology.istio.io/controlPlaneClusters` names this cluster, or `*`.
///
/// Only where `EXTERNAL_ISTIOD` says that this control plane looks after other clusters at all.
struct RemoteControl: Sendable {
    static let annotation = "topology.istio.io/controlPlaneClusters"

    private let namespace: String
    private let clusterID: String
    private let duties: [RemoteDuty]

    /// - Returns: Nil for a control plane that looks after its own cluster alone.
    init?(_ configuration: ControlPlaneConfiguration, duties: [RemoteDuty]) {
        let isOn = configuration.environment["EXTERNAL_ISTIOD"]?.lowercased()
        guard ["true", "1", "t"].contains(isOn) else { return nil }
        namespace = configuration.namespace
        clusterID = configuration.clusterID
        self.duties = duties
    }

    /// Does what is to be done whenever it is asked for, until cancelled.
    func run(_ site: RemoteSite) async {
        guard await site.permissions.wait(for: .watching(.namespaces)) else { return }
        let store = Store<ObservedNamespace>()
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        store.onChange { _ in wake.yield() }
        let reflector = Reflector(
            .namespaces, reader: .decodable(ObservedNamespace.self),
            in: ListScope(fieldSelector: "metadata.name=\(namespace)"), into: store, client: site.client,
            logger: site.logger)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await reflector.run() }
            group.addTask { await follow(wakes, store, site) }
            await group.waitForAll()
        }
    }

    private func follow(_ wakes: AsyncStream<Void>, _ store: Store<ObservedNamespace>, _ site: RemoteSite) async {
        var work: Task<Void, Never>?
        var claim: RemoteClaim?
        for await _ in wakes {
            let wanted = RemoteClaim(
                clusterID, in: store[ObjectKey(name: namespace)]?.metadata.annotations[Self.annotation])
            guard wanted != claim else { continue }
            work?.cancel()
            await work?.value
            let before = claim
            (work, claim) = (nil, wanted)
            guard let wanted else {
                site.logger.info("Another cluster is no longer looked after from here")
                continue
            }
            if before == nil { site.logger.info("Another cluster is looked after from here") }
            work = Task { await perform(site, wanted) }
        }
        work?.cancel()
        await work?.value
    }

    private func perform(_ site: RemoteSite, _ claim: RemoteClaim) async {
        await withDiscardingTaskGroup { group in
            for duty in duties {
                group.addTask {
                    guard await site.permissions.wait(for: duty.need) else { return }
                    do { try await duty.run(site, claim) } catch {
                        if Task.isCancelled { return }
                        site.logger.error(
                            "Something is not done in another cluster any more",
                            metadata: ["lost": "\(duty.need.loss)", "error": "\(error)"])
                    }
                }
            }
        }
    }
}
