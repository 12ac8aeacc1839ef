package import KubernetesModel
package import MeshTranslator
import Synchronization
package import XDSServer

/// Changes that wait to be acted upon, of each object only the newest.
///
/// Until ``run(_:)`` nothing is acted upon, so that the first lists of all kinds are one batch.
package final class ChangeInbox: Sendable {
    private struct State {
        var debounce: Debounce<ObjectReference>
        var waiting: [ObjectReference: ObjectChange] = [:]
        /// When the next timer wakes.
        var alarm: ContinuousClock.Instant?
    }

    private let state: Mutex<State>
    private let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    package init(_ timing: Debounce<ObjectReference>.Timing = .init()) {
        state = Mutex(State(debounce: Debounce(timing)))
    }

    /// Takes a change.
    ///
    /// - Parameter isUrgent: It goes without waiting for others.
    package func add(_ change: ObjectChange, of object: ObjectReference, isUrgent: Bool) {
        state.withLock { state in
            state.waiting[object] = change
            state.debounce.add([object], isUrgent: isUrgent, now: .now)
        }
        wake.yield()
    }

    /// All that waits, due or not.
    package func takeAll() -> [ObjectChange] {
        state.withLock { state in
            defer {
                state.waiting = [:]
                state.debounce = Debounce(state.debounce.timing)
            }
            return Array(state.waiting.values)
        }
    }

    /// Hands over what is due, batch by batch, until cancelled.
    ///
    /// After a batch that took long the next waits as long: at most half of the time goes into acting.
    package func run(
        _ act: @escaping @Sendable (_ changes: [ObjectChange], _ since: ContinuousClock.Instant) async -> Void
    ) async {
        await withDiscardingTaskGroup { group in
            for await _ in wakes {
                while let (changes, since) = take() {
                    let start = ContinuousClock.now
                    await act(changes, since)
                    try? await Task.sleep(for: ContinuousClock.now - start)
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

    private func take() -> (changes: [ObjectChange], since: ContinuousClock.Instant)? {
        state.withLock { state in
            guard let batch = state.debounce.next(now: .now) else { return nil }
            return (batch.keys.compactMap { state.waiting.removeValue(forKey: $0) }, batch.since)
        }
    }

    /// When to wake, if nobody is told to wake earlier.
    private func nextAlarm() -> ContinuousClock.Instant? {
        state.withLock { state in
            let now = ContinuousClock.now
            if let alarm = state.alarm, alarm <= now { state.alarm = nil }
            guard let deadline = state.debounce.nextDeadline, state.alarm.map({ deadline < $0 }) ?? true else {
                return nil
            }
            state.alarm = deadline
            return deadline
        }
    }
}
