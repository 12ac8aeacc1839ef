package import ControllerRuntime
package import FoundationEssentials
package import KubernetesClient
import KubernetesModel
package import Logging
package import MeshDiscovery
package import MeshObservation
package import MeshTranslator
import Synchronization

/// Writes into the status of objects of configuration what is wrong with them: one replica of all, the leader.
package final class ConfigurationStatusReporter: Sendable {
    /// Lease of the replica that writes statuses, Istio's name.
    static let lease = "istio-status-leader"
    /// Owns what it writes.
    static let fieldManager = "istiod-status"

    private let election: LeaderElection
    private let client: KubernetesClient
    private let discovery: MeshDiscovery
    private let observer: MeshObserver
    private let now: @Sendable () -> Date
    private let logger: Logger
    private let queue = WorkQueue<ObjectReference>()
    private let told = ToldObjects()

    /// - Parameters:
    ///   - election: As whom, and where, the replica stands for the Lease.
    ///   - client: Of the cluster with the objects.
    ///   - discovery: Knows what is wrong.
    ///   - observer: Knows which kinds are there.
    ///   - now: The wall clock.
    package init(
        _ election: LeaderElection, client: KubernetesClient, discovery: MeshDiscovery,
        observer: MeshObserver, now: @escaping @Sendable () -> Date, logger: Logger
    ) {
        self.election = election
        self.client = client
        self.discovery = discovery
        self.observer = observer
        self.now = now
        self.logger = logger
    }

    /// Reports while it leads, until cancelled.
    package func run() async throws {
        let (queue, discovery) = (queue, discovery)
        await discovery.onDiagnosed { reference in
            if reference.groupKind.group.hasSuffix("istio.io") { queue.add(reference) }
        }
        let controller = Controller(
            name: "configuration-status", queue: queue,
            reconciler: Reporting(
                client: client, discovery: discovery, observer: observer, told: told, now: now),
            concurrency: 2, names: .pilot, logger: logger)
        let elector = election.elector(Self.lease, client: client, now: now, logger: logger) {
            try await self.lookAtAll()
            try await controller.run()
        }
        try await elector.run()
    }

    /// Looks again at objects that were told something: it has to be about what they say now.
    package func consider(_ changes: [ObjectChange]) {
        for case .configuration(let reference, let object) in changes where told.contains(reference) {
            if object == nil { told.remove(reference) } else { queue.add(reference) }
        }
    }

    /// A leader before this one may have told of faults that are mended since.
    private func lookAtAll() async throws {
        for reference in await discovery.diagnostics.keys where reference.groupKind.group.hasSuffix("istio.io") {
            queue.add(reference)
        }
        for resource in observer.installedResources {
            for object in try await client.list(resource, reader: .decodable(ToldObject.self)).items
            where object.isTold {
                let reference = ObjectReference(resource.groupKind, object.metadata.key)
                told.insert(reference)
                queue.add(reference)
            }
        }
    }
}

private struct Reporting: Reconciler {
    let client: KubernetesClient
    let discovery: MeshDiscovery
    let observer: MeshObserver
    let told: ToldObjects
    let now: @Sendable () -> Date

    func reconcile(_ reference: ObjectReference) async throws -> Requeue {
        guard let resource = observer.installedResources.first(where: { $0.groupKind == reference.groupKind }) else {
            return .none
        }
        let moment = Timestamp.text(secondsSinceEpoch: Int64(now().timeIntervalSince1970))
        let editor = StatusEditor(
            client: client, resource: resource, manager: ConfigurationStatusReporter.fieldManager)
        do {
            try await editor.edit(reference.key) { live in
                let status = ConfigurationStatus.status(
                    of: await discovery.diagnostics[reference] ?? [], generation: live.metadata.generation,
                    current: live.json["status"], now: moment)
                if status != nil { told.insert(reference) }
                return status
            }
        } catch let error as APIError where error.isConflict {
            return .after(.seconds(1))  // others write without a pause
        }
        return .none
    }
}

/// The objects that a fault was ever told of.
private final class ToldObjects: Sendable {
    private let references = Mutex<Set<ObjectReference>>([])

    func insert(_ reference: ObjectReference) { references.withLock { _ = $0.insert(reference) } }
    func remove(_ reference: ObjectReference) { references.withLock { _ = $0.remove(reference) } }
    func contains(_ reference: ObjectReference) -> Bool { references.withLock { $0.contains(reference) } }
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
