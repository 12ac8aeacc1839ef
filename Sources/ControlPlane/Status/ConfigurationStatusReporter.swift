import ControllerRuntime
import FoundationEssentials
import KubernetesClient
import KubernetesModel
import Logging

/// Writes into the status of objects of configuration what is wrong with them: one replica of all, the leader.
final class ConfigurationStatusReporter: Sendable {
    /// Lease of the replica that writes statuses, Istio's name.
    static let lease = "istio-status-leader"
    /// Owns what it writes.
    static let fieldManager = "istiod-status"

    private let configuration: ControlPlaneConfiguration
    private let client: KubernetesClient
    private let discovery: MeshDiscovery
    private let observer: MeshObserver
    private let now: @Sendable () -> Date
    private let logger: Logger
    private let queue = WorkQueue<ObjectReference>()

    init(
        _ configuration: ControlPlaneConfiguration, client: KubernetesClient, discovery: MeshDiscovery,
        observer: MeshObserver, now: @escaping @Sendable () -> Date, logger: Logger
    ) {
        self.configuration = configuration
        self.client = client
        self.discovery = discovery
        self.observer = observer
        self.now = now
        self.logger = logger
    }

    func run() async throws {
        let (queue, discovery) = (queue, discovery)
        await discovery.onDiagnosed { reference in
            if reference.groupKind.group.hasSuffix("istio.io") { queue.add(reference) }
        }
        let controller = Controller(
            name: "configuration-status", queue: queue,
            reconciler: Reporting(
                client: client, discovery: discovery, observer: observer, now: now),
            concurrency: 2, logger: logger)
        let elector = configuration.leader(Self.lease, client: client, now: now, logger: logger) {
            try await self.lookAtAll()
            try await controller.run()
        }
        try await elector.run()
    }

    /// A leader before this one may have told of faults that are mended since.
    private func lookAtAll() async throws {
        for reference in await discovery.diagnostics.keys where reference.groupKind.group.hasSuffix("istio.io") {
            queue.add(reference)
        }
        for resource in observer.installedResources {
            for object in try await client.list(resource, reader: .decodable(ToldObject.self)).items
            where object.isTold {
                queue.add(ObjectReference(resource.groupKind, object.metadata.key))
            }
        }
    }
}

private struct Reporting: Reconciler {
    let client: KubernetesClient
    let discovery: MeshDiscovery
    let observer: MeshObserver
    let now: @Sendable () -> Date

    func reconcile(_ reference: ObjectReference) async throws -> Requeue {
        guard let resource = observer.installedResources.first(where: { $0.groupKind == reference.groupKind }),
            let live = try await client.find(resource, reference.key)
        else { return .none }
        let found = await discovery.diagnostics[reference] ?? []
        let metadata = ObjectMeta(live.json["metadata"] ?? .null)
        let moment = Timestamp.text(secondsSinceEpoch: Int64(now().timeIntervalSince1970))
        guard
            let status = ConfigurationStatus.status(
                of: found, generation: metadata.generation, current: live.json["status"], now: moment)
        else { return .none }
        let writer = StatusWriter(
            client: client, resource: resource, manager: ConfigurationStatusReporter.fieldManager)
        try await writer.write(status, to: metadata, current: live.json["status"])
        return .none
    }
}

/// What is read of an object to see whether it was ever told of a fault.
private struct ToldObject: KubernetesObject {
    struct Status: Sendable, Decodable {
        struct Condition: Sendable, Decodable { var type: String? }

        var conditions: [Condition]?
    }

    var metadata: ObjectMeta
    var status: Status?

    var isTold: Bool { status?.conditions?.contains { $0.type == ConfigurationStatus.conditionType } ?? false }
}
