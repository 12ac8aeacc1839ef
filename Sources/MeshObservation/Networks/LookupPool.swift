import NIOPosix
import Synchronization

/// Runs lookups that may never end on a few threads of their own.
///
/// ```
/// asked ─► queued ─► a thread is free ─► under way ─► answer ─► all who still wait
///    │        └─ nobody waits any more: dropped          └─ none: the thread is lost, and only that one
///    └─ no answer in time: an error, at once
/// ```
/// A name is looked up once at a time: who asks again while a lookup hangs waits for that one, so that no name, however
/// often it is asked for, holds more than one thread.
package final class LookupPool: Sendable {
    private struct Waiter {
        var continuation: CheckedContinuation<[String], any Error>
        var alarm: Task<Void, Never>?
    }

    private struct Lookup {
        var isUnderWay = false
        var waiters: [UInt64: Waiter] = [:]
    }

    private struct State {
        var lookups: [String: Lookup] = [:]
        var next: UInt64 = 0
    }

    private let count: Int
    private let threads: NIOThreadPool
    private let lookUp: @Sendable (String) throws -> [String]
    private let state = Mutex(State())

    /// - Parameters:
    ///   - threads: So many names can be looked up at once.
    ///   - lookUp: Blocks its thread. The addresses of a name, at least one.
    package init(threads: Int, lookUp: @escaping @Sendable (String) throws -> [String]) {
        count = threads
        self.threads = NIOThreadPool(numberOfThreads: threads)
        self.lookUp = lookUp
        self.threads.start()
    }

    deinit { threads.shutdownGracefully { _ in } }

    /// - Throws: ``HostResolutionError``, also when there is no answer in time.
    package func addresses(of name: String, within timeout: Duration) async throws -> [String] {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                join(name, id, continuation, within: timeout)
                // Who was cancelled before he joined was not found.
                if Task.isCancelled { leave(name, id) { _ in CancellationError() } }
            }
        } onCancel: {
            leave(name, id) { _ in CancellationError() }
        }
    }

    private func join(
        _ name: String, _ id: UInt64, _ continuation: CheckedContinuation<[String], any Error>,
        within timeout: Duration
    ) {
        let isNew = state.withLock { state in
            let isNew = state.lookups[name] == nil
            let alarm = Task { [weak self] in
                guard (try? await Task.sleep(for: timeout)) != nil else { return }
                self?.leave(name, id) { HostResolutionError(name, self?.problem(isUnderWay: $0, timeout) ?? "") }
            }
            state.lookups[name, default: Lookup()].waiters[id] = Waiter(continuation: continuation, alarm: alarm)
            return isNew
        }
        guard isNew else { return }
        threads.submit { [weak self] item in
            guard case .active = item, let self else { return }
            self.run(name)
        }
    }

    private func problem(isUnderWay: Bool, _ timeout: Duration) -> String {
        isUnderWay
            ? "no answer within \(timeout)"
            : "its turn did not come within \(timeout): \(count) other lookups have no answer"
    }

    private func leave(_ name: String, _ id: UInt64, _ error: (_ isUnderWay: Bool) -> any Error) {
        let left = state.withLock { state in
            state.lookups[name]?.waiters.removeValue(forKey: id).map { waiter in
                (waiter, state.lookups[name]?.isUnderWay ?? false)
            }
        }
        guard let (waiter, isUnderWay) = left else { return }
        waiter.alarm?.cancel()
        waiter.continuation.resume(throwing: error(isUnderWay))
    }

    /// On a thread of the pool.
    private func run(_ name: String) {
        let isWanted = state.withLock { state in
            guard state.lookups[name]?.waiters.isEmpty == false else {
                state.lookups[name] = nil
                return false
            }
            state.lookups[name]?.isUnderWay = true
            return true
        }
        guard isWanted else { return }
        let result = Result { try lookUp(name) }
        let waiters = state.withLock { $0.lookups.removeValue(forKey: name)?.waiters ?? [:] }
        for waiter in waiters.values {
            waiter.alarm?.cancel()
            waiter.continuation.resume(with: result)
        }
    }
}
