import CertificateService
import ControllerRuntime
package import KubernetesClient
import KubernetesModel
package import Logging

/// A cluster that the control plane was let into: what it takes to do something there.
package struct RemoteSite: Sendable {
    /// The cluster's id.
    package var clusterID: String
    /// Rises with each that looks at a cluster: with other credentials another one does.
    package var generation: Int
    /// Of the cluster.
    package var client: KubernetesClient
    /// What the account may do there.
    package var permissions: RemotePermissions
    /// Who does what there.
    package var duties: DutyHolders
    /// Its metadata name the cluster.
    package var logger: Logger

    /// - Parameter logger: Its metadata name the cluster.
    package init(
        clusterID: String, generation: Int = 1, client: KubernetesClient, permissions: RemotePermissions,
        duties: DutyHolders, logger: Logger
    ) {
        self.clusterID = clusterID
        self.generation = generation
        self.client = client
        self.permissions = permissions
        self.duties = duties
        self.logger = logger
    }
}

/// Something that is done in other clusters that are looked after from here.
package struct RemoteDuty: Sendable {
    /// As it is called where it is told who does it.
    package var name: RemoteDutyName
    /// What it is not done without.
    package var need: RemoteNeed
    /// Until cancelled, or the claim is another one.
    package var run: @Sendable (RemoteSite, RemoteClaim) async throws -> Void

    /// - Parameters:
    ///   - need: What it is not done without.
    ///   - run: Until cancelled, or the claim is another one.
    package init(
        name: RemoteDutyName, need: RemoteNeed,
        run: @escaping @Sendable (RemoteSite, RemoteClaim) async throws -> Void
    ) {
        self.name = name
        self.need = need
        self.run = run
    }
}

/// Looks after another cluster while that one's namespace of the same name as the control plane's says that it is to be
/// looked after from here: annotation `topology.istio.io/controlPlaneClusters` names this cluster, or `*`.
///
/// Only where `EXTERNAL_ISTIOD` says that this control plane looks after other clusters at all.
package struct RemoteControl: Sendable {
    static let annotation = "topology.istio.io/controlPlaneClusters"

    private let namespace: String
    private let clusterID: String
    private let duties: [RemoteDuty]

    /// - Parameters:
    ///   - environment: Of the process.
    ///   - namespace: Of the control plane.
    ///   - clusterID: Of its own cluster.
    /// - Returns: Nil for a control plane that looks after its own cluster alone.
    package init?(environment: [String: String], namespace: String, clusterID: String, duties: [RemoteDuty]) {
        let isOn = environment["EXTERNAL_ISTIOD"]?.lowercased()
        guard ["true", "1", "t"].contains(isOn) else { return nil }
        self.namespace = namespace
        self.clusterID = clusterID
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
                    defer { site.duties.note(duty.name, nil) }
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
