import ServiceLifecycle
import Synchronization

/// Has what is wanted from elsewhere, and keeps it fresh.
package final class FetchUpkeep<Source: Hashable & Comparable & Sendable, Value: Sendable>: Service {
    private let fetch: @Sendable (Source, Duration) async throws -> Value
    private let tell: @Sendable (Source, Value?) -> Void
    private let failed: @Sendable (Source, any Error) -> Void
    private let state: Mutex<State>
    private let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    private struct State {
        var schedule: FetchSchedule<Source>
        /// When the next timer wakes.
        var alarm: ContinuousClock.Instant?
    }

    /// - Parameters:
    ///   - fetch: Gets it, within some time.
    ///   - failed: Is told why it did not come.
    ///   - tell: Is told of what came, and (nil) of what nobody wants any more.
    package init(
        timing: FetchSchedule<Source>.Timing = .init(),
        fetch: @escaping @Sendable (Source, Duration) async throws -> Value,
        failed: @escaping @Sendable (Source, any Error) -> Void,
        tell: @escaping @Sendable (Source, Value?) -> Void
    ) {
        self.fetch = fetch
        self.failed = failed
        self.tell = tell
        state = Mutex(State(schedule: FetchSchedule(timing)))
    }

    /// Takes over what is wanted from now on, and how long each may take.
    package func want(_ wanted: [Source: Duration]) {
        let (dropped, isNew) = state.withLock { state in
            let known = state.schedule.sources
            return (state.schedule.want(wanted, now: .now), !known.isSuperset(of: wanted.keys))
        }
        for source in dropped { tell(source, nil) }
        if isNew { wake.yield() }
    }

    package func run() async throws {
        await withDiscardingTaskGroup { group in
            for await _ in wakes.cancelOnGracefulShutdown() {
                for (source, timeout) in state.withLock({ $0.schedule.takeDue(now: .now) }) {
                    group.addTask { await self.fetch(source, within: timeout) }
                }
                guard let alarm = nextAlarm() else { continue }
                group.addTask {
                    guard (try? await Task.sleep(until: alarm, clock: .continuous)) != nil else { return }
                    self.wake.yield()
                }
            }
            group.cancelAll()
        }
    }

    /// When to wake, if nobody is told to wake earlier.
    private func nextAlarm() -> ContinuousClock.Instant? {
        state.withLock { state in
            let now = ContinuousClock.now
            if let alarm = state.alarm, alarm <= now { state.alarm = nil }
            guard let due = state.schedule.nextDue, state.alarm.map({ due < $0 }) ?? true else { return nil }
            state.alarm = due
            return due
        }
    }

    private func fetch(_ source: Source, within timeout: Duration) async {
        var value: Value?
        do {
            value = try await fetch(source, timeout)
        } catch {
            if Task.isCancelled { return }
            failed(source, error)
        }
        let isWanted = state.withLock { $0.schedule.ended(source, hasCome: value != nil, now: .now) }
        if isWanted, let value { tell(source, value) }
        wake.yield()
    }
}
