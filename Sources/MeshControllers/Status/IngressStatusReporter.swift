package import ControllerRuntime
package import FoundationEssentials
package import KubernetesClient
package import KubernetesModel
package import Logging
package import MeshDiscovery
import MeshModel
package import MeshObservation
package import MeshTranslator
import Synchronization

/// Writes into Ingresses that gateways of the mesh serve where these are reached: one replica of all, the leader.
package final class IngressStatusReporter: Reconciler {
    /// Lease of the replica that does it, Istio's name.
    static let lease = "istio-leader"
    static let fieldManager = "pilot-discovery"

    private let election: LeaderElection
    private let gatewayNamespace: String
    private let client: KubernetesClient
    private let discovery: MeshDiscovery
    private let observer: MeshObserver
    private let now: @Sendable () -> Date
    private let logger: Logger
    private let queue = WorkQueue<ObjectKey>()
    private let leads = Mutex(false)

    /// - Parameters:
    ///   - election: As whom, and where, the replica stands for the Lease.
    ///   - gatewayNamespace: Where the gateways run that serve Ingresses.
    ///   - client: Of the cluster with the objects.
    ///   - discovery: Knows what serves Ingresses.
    ///   - observer: Knows which kinds are there.
    ///   - now: The wall clock.
    package init(
        _ election: LeaderElection, gatewayNamespace: String, client: KubernetesClient, discovery: MeshDiscovery,
        observer: MeshObserver, now: @escaping @Sendable () -> Date, logger: Logger
    ) {
        self.election = election
        self.gatewayNamespace = gatewayNamespace
        self.client = client
        self.discovery = discovery
        self.observer = observer
        self.now = now
        self.logger = logger
    }

    /// Writes while it leads, until cancelled.
    package func run() async throws {
        let controller = Controller(
            name: "ingress-status", queue: queue, reconciler: self, concurrency: 2, names: .pilot, logger: logger)
        let elector = election.elector(Self.lease, client: client, now: now, logger: logger) {
            self.leads.withLock { $0 = true }
            defer { self.leads.withLock { $0 = false } }
            await self.lookAtAll()
            try await controller.run()
        }
        try await elector.run()
    }

    /// Looks again, as far as these changes can matter.
    package func consider(_ changes: [ObjectChange]) async {
        guard leads.withLock({ $0 }) else { return }
        var matters = false
        for change in changes {
            switch change {
            case .configuration(let reference, .some) where reference.groupKind == Self.kind: queue.add(reference.key)
            case .configuration(let reference, _): matters = matters || reference.groupKind == Self.classKind
            case .service(let key, _), .pod(let key, _): matters = matters || key.namespace == gatewayNamespace
            case .meshConfig: matters = true
            default: break
            }
        }
        if matters { await lookAtAll() }
    }

    private static let kind = GroupKind(group: "networking.k8s.io", kind: "Ingress")
    private static let classKind = GroupKind(group: "networking.k8s.io", kind: "IngressClass")

    private func lookAtAll() async {
        for ingress in await discovery.snapshot.ingresses { queue.add(ingress.origin.reference.key) }
    }

    package func reconcile(_ key: ObjectKey) async throws -> Requeue {
        let snapshot = await discovery.snapshot
        guard let resource = observer.servedResources.first(where: { $0.groupKind == Self.kind }),
            snapshot.ingresses.contains(where: { $0.origin.reference.key == key }),
            let live = try await client.find(resource, key)
        else { return .none }
        let wanted = try await status(snapshot.settings.ingress)
        let current = live.json["status", "loadBalancer", "ingress"]?.array ?? []
        guard current.map(Self.address) != wanted.map(Self.address) else { return .none }
        let list: JSONValue = wanted.isEmpty ? .null : .array(wanted)
        let patch: JSONValue = ["status": ["loadBalancer": ["ingress": list]]]
        do {
            _ = try await client.patch(
                resource, key, .merge(patch), fieldManager: Self.fieldManager, subresource: "status")
        } catch let error as APIError where error.isNotFound {
            return .none  // it went meanwhile
        }
        return .none
    }

    private func status(_ settings: IngressSettings) async throws -> [JSONValue] {
        switch IngressAddresses.source(await discovery.objects, settings, in: gatewayNamespace) {
        case .known(let addresses): return IngressAddresses.status(addresses)
        case .nodes(let names):
            var addresses: [String] = []
            for name in names.sorted() {
                guard let node = try await client.find(.nodes, ObjectKey(name: name)) else { continue }
                addresses += IngressAddresses.addresses(ofNode: node.json)
            }
            return IngressAddresses.status(addresses)
        }
    }

    /// What counts of an entry: others may add to it, such as the gateway's ports.
    private static func address(_ entry: JSONValue) -> [String?] { [entry["ip"]?.string, entry["hostname"]?.string] }
}
