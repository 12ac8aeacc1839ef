import Synchronization

/// A result that is set once and awaited by any number of tasks.
final class OneShot<Value: Sendable>: Sendable {
    private enum State {
        case waiting([UInt64: CheckedContinuation<Value, any Error>])
        case done(Result<Value, any Error>)
    }

    private let state = Mutex(State.waiting([:]))
    private let identifiers = Atomic<UInt64>(0)

    /// Sets the result; only the first call counts.
    func resolve(_ result: Result<Value, any Error>) {
        let waiters = state.withLock { state -> [CheckedContinuation<Value, any Error>] in
            guard case .waiting(let waiters) = state else { return [] }
            state = .done(result)
            return Array(waiters.values)
        }
        for waiter in waiters { waiter.resume(with: result) }
    }

    /// The result, as soon as it is set.
    ///
    /// - Throws: The error it was set to, or `CancellationError` when the waiting task is cancelled.
    var value: Value {
        get async throws {
            let id = identifiers.add(1, ordering: .relaxed).newValue
            return try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    let result = state.withLock { state -> Result<Value, any Error>? in
                        switch state {
                        case .done(let result): return result
                        case .waiting where Task.isCancelled: return .failure(CancellationError())
                        case .waiting(var waiters):
                            waiters[id] = continuation
                            state = .waiting(waiters)
                            return nil
                        }
                    }
                    if let result { continuation.resume(with: result) }
                }
            } onCancel: {
                let waiter = state.withLock { state -> CheckedContinuation<Value, any Error>? in
                    guard case .waiting(var waiters) = state else { return nil }
                    let waiter = waiters.removeValue(forKey: id)
                    state = .waiting(waiters)
                    return waiter
                }
                waiter?.resume(throwing: CancellationError())
            }
        }
    }
}
