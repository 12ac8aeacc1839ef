import ControllerRuntime
import FoundationEssentials
import KubernetesClient
import KubernetesModel
import Testing

/// Who began and ended to lead, and when.
struct Leadership: Sendable, CustomStringConvertible {
    var leader: String
    var begins: Bool
    var moment: ContinuousClock.Instant
    var description: String { "\(leader) \(begins ? "begins" : "ends")" }
}

extension Journal where Entry == Leadership {
    /// The body of a leader: tells this journal, and leads until it is cancelled.
    func lead(_ leader: String) async throws {
        add(Leadership(leader: leader, begins: true, moment: .now))
        defer { add(Leadership(leader: leader, begins: false, moment: .now)) }
        while true { try await Task.sleep(for: .seconds(3600)) }
    }

    var terms: [Leadership] { entries.filter(\.begins) }
    var ends: [Leadership] { entries.filter { !$0.begins } }

    /// The most that led at once.
    var mostAtOnce: Int {
        var now = 0
        return entries.map { entry in
            now += entry.begins ? 1 : -1
            return now
        }.max() ?? 0
    }

    /// Waits for the `count`-th time that somebody begins to lead, and gives that.
    func term(_ count: Int, within limit: Duration = .seconds(60)) async throws -> Leadership {
        try await wait(for: "leader number \(count)", within: limit) { $0.count(where: \.begins) >= count }
        return terms[count - 1]
    }

    /// Waits for the `count`-th time that somebody ends to lead, and gives that.
    func end(_ count: Int, within limit: Duration = .seconds(60)) async throws -> Leadership {
        try await wait(for: "the end of leader number \(count)", within: limit) { $0.count { !$0.begins } >= count }
        return ends[count - 1]
    }
}

/// One Lease, those who want it, and what became of it.
struct Election: Sendable {
    var client: KubernetesClient
    var lease: ObjectKey
    let journal = Journal<Leadership>()
    let log = Journal<LogEntry>()

    var timing: LeaseTiming

    /// 6 s, 4 s and 0.3 s, for tests in which a lease runs out: not by itself on a busy machine.
    static let short = LeaseTiming(
        duration: .seconds(6), renewDeadline: .seconds(4), retryPeriod: .milliseconds(300))
    /// 15 s, 10 s and 0.3 s, for tests in which none does: not on a busy machine either.
    static let long = LeaseTiming(
        duration: .seconds(15), renewDeadline: .seconds(10), retryPeriod: .milliseconds(300))

    init(in namespace: String, _ timing: LeaseTiming, _ client: KubernetesClient) {
        self.client = client
        self.timing = timing
        lease = ObjectKey(namespace: namespace, name: "election")
    }

    func candidate(
        _ identity: String, client: KubernetesClient? = nil, body: (@Sendable () async throws -> Void)? = nil
    ) -> LeaderElector {
        let journal = journal
        return LeaderElector(
            client: client ?? self.client, lease: lease, identity: identity, timing: timing,
            wallClock: { Int64(Date.now.timeIntervalSince1970 * 1_000_000) }, logger: log.logger,
            body: body ?? { try await journal.lead(identity) })
    }

    var spec: JSONValue? { get async throws { try await client.get(.leases, lease).json["spec"] } }

    /// Who has the lease; empty for nobody.
    var holder: String {
        get async throws { try await spec?["holderIdentity"]?.string ?? "" }
    }

    /// A Lease of somebody who does not renew it.
    func leave(to holder: String, seconds: Int64) async throws {
        _ = try await client.create(
            .leases,
            UnstructuredObject([
                "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
                "metadata": ["namespace": .string(lease.namespace), "name": .string(lease.name)],
                "spec": [
                    "holderIdentity": .string(holder), "leaseDurationSeconds": .integer(seconds),
                    "renewTime": "2020-01-01T00:00:00.000000Z", "acquireTime": "2020-01-01T00:00:00.000000Z",
                    "leaseTransitions": 7,
                ],
            ]), fieldManager: "t")
    }
}
