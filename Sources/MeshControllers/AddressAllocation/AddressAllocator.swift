package import ControllerRuntime
package import FoundationEssentials
package import KubernetesClient
import KubernetesModel
package import Logging
package import MeshDiscovery
import MeshModel
package import MeshObservation
package import MeshTranslator
import Synchronization

/// Gives hosts of ServiceEntries virtual IPs, and records them in the objects' statuses: one replica of all, the leader.
package final class AddressAllocator: Sendable {
    /// Lease of the replica that does it, Istio's name.
    static let lease = "istio-ip-autoallocate"
    /// Owns what it writes.
    static let fieldManager = "istio-ip-autoallocate"

    private let election: LeaderElection
    private let client: KubernetesClient
    private let discovery: MeshDiscovery
    private let observer: MeshObserver
    private let now: @Sendable () -> Date
    private let logger: Logger
    private let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    /// - Parameters:
    ///   - election: As whom, and where, the replica stands for the Lease.
    ///   - client: Of the cluster with the objects.
    ///   - discovery: Knows what is recorded.
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

    /// Looks again, if any of these changes can matter.
    package func consider(_ changes: [ObjectChange]) {
        let matters = changes.contains { change in
            if case .configuration(let object, .some) = change { object.groupKind == Self.kind } else { false }
        }
        if matters { wake.yield() }
    }

    private static let kind = GroupKind(group: "networking.istio.io", kind: "ServiceEntry")

    /// Allocates while it leads, until cancelled.
    package func run() async throws {
        let elector = election.elector(Self.lease, client: client, now: now, logger: logger) {
            await self.allocate()
        }
        try await elector.run()
    }

    /// Writes what is missing whenever something can be, until cancelled.
    private func allocate() async {
        // What is written and has not come back yet counts as recorded.
        var written: [ObjectKey: [String: [String]]] = [:]
        var failures = 0
        wake.yield()
        for await _ in wakes {
            let snapshot = await discovery.snapshot
            guard snapshot.settings.recordsAllocatedAddresses else { continue }
            let recorded = snapshot.configuration.serviceEntries
            written = written.filter {
                recorded[$0.key].map(\.allocatedAddresses) != $0.value && recorded[$0.key] != nil
            }
            let entries = recorded.map { key, entry in
                var entry = entry
                if let addresses = written[key] { entry.allocatedAddresses = addresses }
                return entry
            }
            var isComplete = true
            for (key, addresses) in missingAddresses(of: entries).sorted(by: { $0.key < $1.key }) {
                do {
                    if try await record(addresses, of: key) { written[key] = addresses }
                } catch {
                    if Task.isCancelled { return }
                    isComplete = false
                    logger.warning(
                        "Cannot record virtual IPs in a ServiceEntry's status",
                        metadata: ["object": "\(key)", "error": "\(error)"])
                }
            }
            failures = isComplete ? 0 : failures + 1
            if !isComplete {
                try? await Task.sleep(for: Backoff.reconnect.delay(afterFailures: failures, jitter: .random(in: 0...1)))
                wake.yield()
            }
        }
    }

    private func record(_ addresses: [String: [String]], of key: ObjectKey) async throws -> Bool {
        guard let resource = observer.installedResources.first(where: { $0.groupKind == Self.kind }),
            let live = try await client.find(resource, key)
        else { return false }
        let list = addresses.sorted { $0.key < $1.key }.flatMap { host, values in
            values.map { value -> JSONValue in ["host": .string(host), "value": .string(value)] }
        }
        return try await StatusWriter(client: client, resource: resource, manager: Self.fieldManager).write(
            ["addresses": .array(list)], to: ObjectMeta(live.json["metadata"] ?? .null),
            current: Optional<JSONValue>.none)
    }
}
