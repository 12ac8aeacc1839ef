package import AgentRuntime
import Glibc
package import Logging
import Metrics
import ServiceLifecycle
import Synchronization

/// Keeps one Envoy running, and lets it drain before it ends.
///
/// ```
///  prepared() ─► start ─► runs ─┬─ crashed ─► at once, then with back-off ─► start
///                               ├─ ended well (somebody asked it to) ─► the agent ends, too
///                               └─ graceful shutdown ─► drain ─► SIGTERM ─► SIGKILL after a while ─► ended
/// ```
package final class EnvoySupervisor: Service {
    private struct State {
        var child: ChildProcess?
        var isEnding = false
        var isDraining = false
        var hasStayingDrain = false
        var starts = 0
        /// To be used instead of the command of the beginning.
        var amended: EnvoyCommand?
    }

    private let command: EnvoyCommand
    private let amended: (@Sendable () async throws -> EnvoyCommand)?
    private let administration: EnvoyAdministration
    private let plan: DrainPlan
    private let restarts: RestartPolicy
    private let prepared: @Sendable () async throws -> Void
    private let logger: Logger
    private let state = Mutex(State())
    private let restartsCounted = Counter(label: "envoy_restarts_total")

    /// - Parameters:
    ///   - prepared: Returns when what Envoy needs at its start is there.
    ///   - amended: Gives the command to be used after that; nil: it is the one that there is.
    package init(
        _ command: EnvoyCommand, administration: EnvoyAdministration, drain plan: DrainPlan = DrainPlan(),
        restarts: RestartPolicy = RestartPolicy(), logger: Logger = Logger(label: "envoy"),
        prepared: @escaping @Sendable () async throws -> Void = {},
        amended: (@Sendable () async throws -> EnvoyCommand)? = nil
    ) {
        self.command = command
        self.amended = amended
        self.administration = administration
        self.plan = plan
        self.restarts = restarts
        self.prepared = prepared
        self.logger = logger
    }

    /// It drains: whoever balances load over this Pod is to leave it out.
    package var isDraining: Bool { state.withLock { $0.isDraining } }

    /// How often Envoy was started.
    package var starts: Int { state.withLock { $0.starts } }

    /// Runs Envoy until it ends well, is given up, or graceful shutdown or cancellation end it.
    ///
    /// - Throws: ``ChildProcessError``, ``EnvoyGivenUp``.
    package func run() async throws {
        guard try await undisturbed(prepared) else { return }
        if let amended {
            let isReady = try await undisturbed {
                let command = try await amended()
                self.state.withLock { $0.amended = command }
            }
            guard isReady else { return }
        }
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await self.supervise()
                return true
            }
            group.addTask {
                try await gracefulShutdown()
                await self.end()
                return false
            }
            while let hasEnded = try await group.next() {
                if hasEnded {
                    group.cancelAll()
                    return
                }
            }
        }
    }

    /// Begins to drain; Envoy goes on. The shutdown that follows does not wait again.
    package func drain() async throws(LocalHTTPError) {
        state.withLock { $0.isDraining = true }
        logger.info("Draining")
        try await administration.post(plan.path(staying: true))
        state.withLock { $0.hasStayingDrain = true }
    }

    private func supervise() async throws {
        var policy = restarts
        while true {
            let start = ContinuousClock.now
            let status = try await runOnce()
            let time = ContinuousClock.now - start
            if state.withLock({ $0.isEnding }) || status == 0 {
                logger.info("Envoy ended", metadata: ["status": "\(status)"])
                return
            }
            try Task.checkCancellation()
            guard let delay = policy.delay(afterRunning: time) else {
                throw EnvoyGivenUp(status: status, runs: policy.badRuns)
            }
            logger.error(
                "Envoy ended by itself and is started again",
                metadata: ["status": "\(status)", "ran": "\(time)", "delay": "\(delay)"])
            restartsCounted.increment()
            let goesOn = try await undisturbed { try await Task.sleep(for: delay) }
            guard goesOn else { return }
        }
    }

    /// Does something that graceful shutdown breaks off. False: it did.
    private func undisturbed(_ body: @escaping @Sendable () async throws -> Void) async throws -> Bool {
        do {
            try await cancelWhenGracefulShutdown(body)
            return true
        } catch is CancellationError where !Task.isCancelled {
            return false
        }
    }

    private func runOnce() async throws -> Int32 {
        let child = ChildProcess(state.withLock { $0.amended } ?? command)
        let isWanted = state.withLock { state in
            if state.isEnding { return false }
            state.child = child
            state.starts += 1
            return true
        }
        guard isWanted else { return 0 }
        defer { state.withLock { $0.child = nil } }
        return try await child.run { [logger] identifier in
            logger.info("Envoy started", metadata: ["pid": "\(identifier)"])
        }
    }

    /// Drains, then ends Envoy, gently first. Returns early when cancelled: then Envoy has ended.
    private func end() async {
        let (hasDrained, child) = state.withLock { state in
            defer {
                state.isDraining = true
                state.isEnding = true
            }
            return (state.hasStayingDrain, state.child)
        }
        guard let child else { return }
        if !hasDrained { await drainUntilEnd() }
        child.signal(SIGTERM)
        if (try? await Task.sleep(for: plan.endTime)) != nil {
            logger.warning("Envoy does not end and is killed")
            child.signal(SIGKILL)
        }
    }

    private func drainUntilEnd() async {
        logger.info("Draining before the end", metadata: ["time": "\(plan.minimumUntilIdle ?? plan.duration)"])
        do throws(LocalHTTPError) {
            try await administration.post(plan.path(staying: false))
        } catch {
            logger.warning("Envoy cannot be told to drain", metadata: ["error": "\(error)"])
        }
        guard let minimum = plan.minimumUntilIdle else {
            try? await Task.sleep(for: plan.duration)
            return
        }
        try? await Task.sleep(for: minimum)
        while !Task.isCancelled, let count = await activeConnections(), count > 0 {
            try? await Task.sleep(for: .seconds(1))
        }
    }

    /// Nil: Envoy does not say.
    private func activeConnections() async -> Int? {
        guard let text = try? await administration.get(ActiveConnections.path) else { return nil }
        return ActiveConnections.count(in: String(decoding: text, as: UTF8.self))
    }
}

/// Envoy ends again and again.
package struct EnvoyGivenUp: Error, Hashable, Sendable, CustomStringConvertible {
    package var status: Int32
    package var runs: Int

    package var description: String {
        "Envoy ended \(runs) times in a row soon after its start, the last time with status \(status). Its log above says "
            + "why; the bootstrap is what `pilot-agent request GET config_dump` or the file envoy-rev.json shows."
    }
}
