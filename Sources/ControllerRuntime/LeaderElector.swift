package import KubernetesClient
package import KubernetesModel
package import Logging
import Metrics
import ServiceLifecycle
import Synchronization

/// How long a leader may be silent, and how often it speaks.
package struct LeaseTiming: Hashable, Sendable {
    /// After this much silence others take over.
    package var duration: Duration
    /// A leader that could not renew for this long stops leading; shorter than `duration`, so that its writers have
    /// stopped when others start.
    package var renewDeadline: Duration
    /// Pause between two attempts.
    package var retryPeriod: Duration

    package init(duration: Duration, renewDeadline: Duration, retryPeriod: Duration) {
        self.duration = duration
        self.renewDeadline = renewDeadline
        self.retryPeriod = retryPeriod
    }

    /// `duration` as a Lease says it: whole seconds, never less.
    var durationSeconds: Int64 { duration.components.seconds + (duration.components.attoseconds > 0 ? 1 : 0) }

    /// 15 s, 10 s and 2 s, as everywhere in Kubernetes.
    package static let standard = LeaseTiming(
        duration: .seconds(15), renewDeadline: .seconds(10), retryPeriod: .seconds(2))
}

/// Runs `body` on one replica at a time, whichever holds a Lease.
///
/// While the lease is lost `body` is cancelled and awaited; then the replica stands again. On a graceful shutdown the
/// body ends first and the lease is given up at once, so that another replica need not wait.
package struct LeaderElector: Service {
    private let client: KubernetesClient
    private let lease: ObjectKey
    private let identity: String
    private let timing: LeaseTiming
    private let wallClock: @Sendable () -> Int64
    private let logger: Logger
    private let onHolder: @Sendable (String) -> Void
    private let body: @Sendable () async throws -> Void

    /// - Parameters:
    ///   - lease: Namespace and name of the Lease.
    ///   - identity: Unique among the replicas, such as the Pod's name.
    ///   - wallClock: Microseconds since 1970; only written for people to read.
    ///   - onHolder: Told at every look at the Lease who holds it, itself too.
    ///   - body: What only the leader does. Returns when cancelled.
    package init(
        client: KubernetesClient, lease: ObjectKey, identity: String, timing: LeaseTiming = .standard,
        wallClock: @escaping @Sendable () -> Int64, logger: Logger,
        onHolder: @escaping @Sendable (String) -> Void = { _ in }, body: @escaping @Sendable () async throws -> Void
    ) {
        self.client = client
        self.lease = lease
        self.identity = identity
        self.timing = timing
        self.wallClock = wallClock
        var logger = logger
        logger[metadataKey: "lease"] = "\(lease)"
        self.logger = logger
        self.onHolder = onHolder
        self.body = body
    }

    package func run() async throws {
        try await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                guard let acquired = await acquire() else { return }
                logger.info("Leading")
                Gauge(label: "leader_election_master_status", dimensions: [("name", lease.name)]).record(1)
                defer { Gauge(label: "leader_election_master_status", dimensions: [("name", lease.name)]).record(0) }
                do { try await lead(since: acquired) } catch {
                    await giveUp()
                    throw error
                }
                await giveUp()
            }
        }
    }

    /// Waits until the lease is ours.
    ///
    /// - Returns: A moment at which others cannot have seen it to be ours yet; nil once cancelled.
    private func acquire() async -> ContinuousClock.Instant? {
        var state = LeaseState(identity: identity)
        while !Task.isCancelled {
            let started = ContinuousClock.now
            do {
                if try await attempt(&state) { return started }
            } catch _ where Task.isCancelled {
                await giveUp()  // the server may have heard the attempt whose answer we did not wait for
                return nil
            } catch {
                logger.warning("Cannot read or take the lease", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: timing.retryPeriod * Double.random(in: 0.9...1.1))
        }
        return nil
    }

    /// Runs the body while renewing the lease beside it; whichever ends first ends the other.
    private func lead(since acquired: ContinuousClock.Instant) async throws {
        // A task of its own: when this one is cancelled the body takes its time to end, and is not to be overtaken.
        let renewal = Task { await renewUntilLost(since: acquired) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { renewal.cancel() }
            group.addTask {
                do { try await body() } catch _ where Task.isCancelled {}  // it ended as it was told: no failure
            }
            group.addTask { await renewal.value }
            try await group.next()
            group.cancelAll()
        }
    }

    private func renewUntilLost(since acquired: ContinuousClock.Instant) async {
        var state = LeaseState(identity: identity)
        // When the attempt began, not when its answer came: others may have seen it as early as that.
        var lastRenewal = acquired
        while !Task.isCancelled {
            let deadline = lastRenewal + timing.renewDeadline
            let next = min(ContinuousClock.now + timing.retryPeriod, deadline)
            guard (try? await Task.sleep(until: next, clock: .continuous)) != nil else { return }
            let started = ContinuousClock.now
            do {
                guard started < deadline else { throw RenewalTimedOut() }
                let isOurs = try await withDeadline(deadline - started, updating: &state) { state in
                    var state = state
                    return (try await attempt(&state), state)
                }
                guard isOurs else {
                    logger.error("Lost the lease to another replica; stopping all writers")
                    return
                }
                lastRenewal = started
            } catch {
                if Task.isCancelled { return }
                logger.warning("Cannot renew the lease", metadata: ["error": "\(error)"])
                if ContinuousClock.now >= deadline {
                    logger.error("Could not renew the lease in time; stopping all writers")
                    return
                }
            }
        }
    }

    private func withDeadline(
        _ remaining: Duration, updating state: inout LeaseState,
        _ attempt: @escaping @Sendable (LeaseState) async throws -> (Bool, LeaseState)
    ) async throws -> Bool {
        let before = state
        let result = try await withThrowingTaskGroup(of: (Bool, LeaseState)?.self) { group in
            group.addTask { try await attempt(before) }
            group.addTask {
                try await Task.sleep(for: max(.zero, remaining))
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        guard let (isOurs, newState) = result else { throw RenewalTimedOut() }
        state = newState
        return isOurs
    }

    /// One look at the lease and, if it may be ours, one write.
    ///
    /// - Returns: Whether it is ours now. A write that another one overtook is no error: who leads is looked at again,
    ///   for it may have been an earlier attempt of ours.
    private func attempt(_ state: inout LeaseState) async throws -> Bool {
        for _ in 0..<3 {
            let live = try await client.find(.leases, lease)
            let record = live.map(LeaseRecord.init)
            do {
                switch state.action(for: record, now: .now) {
                case .wait:
                    onHolder(record?.holder ?? "")
                    return false
                case .create:
                    let new = leaseObject(replacing: nil, on: nil)
                    _ = try await client.create(.leases, new, fieldManager: identity)
                case .take:
                    let new = leaseObject(replacing: record, on: live)
                    _ = try await client.update(.leases, new, fieldManager: identity)
                }
                onHolder(identity)
                return true
            } catch let error as APIError where error.isConflict || error.isAlreadyExists {
                continue
            }
        }
        return false
    }

    private func leaseObject(replacing old: LeaseRecord?, on live: UnstructuredObject?) -> UnstructuredObject {
        let now = Timestamp.microText(microsecondsSinceEpoch: wallClock())
        let isRenewal = old?.holder == identity
        let record = LeaseRecord(
            holder: identity, durationSeconds: timing.durationSeconds, renewTime: now,
            acquireTime: isRenewal ? old?.acquireTime ?? now : now,
            transitions: (old?.transitions ?? 0) + (old == nil || isRenewal ? 0 : 1))
        return object(record, on: live)
    }

    private func object(_ record: LeaseRecord, on live: UnstructuredObject?) -> UnstructuredObject {
        var json: JSONValue =
            live?.json ?? [
                "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
                "metadata": ["namespace": .string(lease.namespace), "name": .string(lease.name)],
            ]
        json["spec"] = record.json
        return UnstructuredObject(json)
    }

    /// Lets others take over at once. Runs while this task is being cancelled, hence in a task of its own, bounded by
    /// the client's time-out.
    private func giveUp() async {
        await Task {
            do {
                try await release()
            } catch {
                logger.warning("Could not give the lease up; others wait for its end", metadata: ["error": "\(error)"])
            }
        }.value
    }

    private func release() async throws {
        for _ in 0..<3 {
            guard let live = try await client.find(.leases, lease) else { return }
            var record = LeaseRecord(live)
            guard record.holder == identity else { return }
            record.holder = ""
            record.durationSeconds = 1
            do {
                _ = try await client.update(.leases, object(record, on: live), fieldManager: identity)
                logger.info("Gave the lease up")
                return
            } catch let error as APIError where error.isConflict {
                continue  // our last renewal came in between
            }
        }
        throw LeaseBusy()
    }
}

private struct RenewalTimedOut: Error, CustomStringConvertible {
    var description: String { "the API server did not answer before the renew deadline" }
}

private struct LeaseBusy: Error, CustomStringConvertible {
    var description: String { "the lease changes too often" }
}
