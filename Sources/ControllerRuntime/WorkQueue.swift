import Metrics
import Synchronization

/// Keys waiting for a worker, each at most once, with delays and back-off per key.
package final class WorkQueue<Key: Hashable & Sendable>: Sendable {
    private struct Waiting {
        var state = WorkQueueState<Key>()
        var workers: [(id: UInt64, continuation: CheckedContinuation<Key?, Never>)] = []
        var nextWorker: UInt64 = 0
        var sleeper: Task<Void, Never>?
        var sleepsUntil: ContinuousClock.Instant?
        var metrics: WorkQueueMetrics?
    }

    private let backoff: Backoff
    private let waiting = Mutex(Waiting())

    package init(backoff: Backoff = .reconcile) { self.backoff = backoff }

    /// Keys that wait for a worker now.
    package var depth: Int { waiting.withLock { $0.state.depth } }

    /// Has a worker look at `key` as soon as one is free.
    package func add(_ key: Key) { change { $0.add(key, since: .now) } }

    /// Has a worker look at `key` after a delay, unless it is looked at before.
    package func add(_ key: Key, after delay: Duration) {
        let moment = ContinuousClock.now + delay
        change { $0.add(key, at: moment) }
    }

    /// Waits for the next key. Nil once the caller's task is cancelled.
    ///
    /// Whoever takes a key must hand it back with `finish`.
    package func next() async -> Key? {
        let id = waiting.withLock { waiting in
            waiting.nextWorker += 1
            return waiting.nextWorker
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                waiting.withLock { $0.workers.append((id, continuation)) }
                if Task.isCancelled { cancelWorker(id) }
                dispatch()
            }
        } onCancel: {
            cancelWorker(id)
        }
    }

    /// Ends the work on a key as its reconciler asks.
    package func finish(_ key: Key, _ requeue: Requeue) {
        change { state in
            state.succeed(key)
            state.finish(key)
            switch requeue {
            case .none: break
            case .after(let delay): state.add(key, at: .now + delay)
            }
        }
    }

    /// Ends work on a key that failed; it comes again after its back-off.
    ///
    /// - Returns: The back-off.
    @discardableResult
    package func fail(_ key: Key) -> Duration {
        var delay = Duration.zero
        change { state in
            delay = backoff.delay(afterFailures: state.fail(key), jitter: .random(in: 0...1))
            state.finish(key)
            state.add(key, at: .now + delay)
        }
        return delay
    }

    /// Tells how it does from now on.
    func report(to metrics: WorkQueueMetrics) { waiting.withLock { $0.metrics = metrics } }

    /// Work on a key took so long.
    func worked(_ duration: Duration) { waiting.withLock { $0.metrics }?.working.record(duration: duration) }

    private func change(_ body: (inout WorkQueueState<Key>) -> Void) {
        waiting.withLock { waiting in
            body(&waiting.state)
            waiting.metrics?.depth.record(waiting.state.depth)
        }
        dispatch()
    }

    private func cancelWorker(_ id: UInt64) {
        let continuation = waiting.withLock { waiting -> CheckedContinuation<Key?, Never>? in
            guard let index = waiting.workers.firstIndex(where: { $0.id == id }) else { return nil }
            return waiting.workers.remove(at: index).continuation
        }
        continuation?.resume(returning: nil)
    }

    /// Hands ready keys to waiting workers, and sees to it that delayed ones come later.
    private func dispatch() {
        while true {
            let handOver = waiting.withLock { waiting -> (CheckedContinuation<Key?, Never>, Key)? in
                guard !waiting.workers.isEmpty else { return nil }
                let now = ContinuousClock.now
                switch waiting.state.next(now: now) {
                case .key(let key):
                    let waited = waiting.state.takeWait(of: key, now: now)
                    if let metrics = waiting.metrics {
                        metrics.depth.record(waiting.state.depth)
                        if let waited { metrics.waiting.record(duration: waited) }
                    }
                    return (waiting.workers.removeFirst().continuation, key)
                case .wait(let moment):
                    sleep(until: moment, &waiting)
                    return nil
                }
            }
            guard let (worker, key) = handOver else { return }
            worker.resume(returning: key)
        }
    }

    /// The timer is a task of its own because it belongs to no worker; it ends with the queue.
    private func sleep(until moment: ContinuousClock.Instant?, _ waiting: inout Waiting) {
        guard let moment else { return }
        if waiting.sleeper != nil, let sleepsUntil = waiting.sleepsUntil, sleepsUntil <= moment { return }
        waiting.sleeper?.cancel()
        waiting.sleepsUntil = moment
        waiting.sleeper = Task { [weak self] in
            guard (try? await Task.sleep(until: moment, clock: .continuous)) != nil else { return }
            self?.wake()
        }
    }

    private func wake() {
        waiting.withLock { waiting in
            waiting.sleeper = nil
            waiting.sleepsUntil = nil
        }
        dispatch()
    }

    deinit { waiting.withLock { $0.sleeper?.cancel() } }
}
