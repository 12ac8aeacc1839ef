import Synchronization

/// Work that several may want at the same time: it runs once for all who wait for it, and is cancelled when the last of
/// them has given up.
package final class SharedRuns<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Run: Sendable {
        /// One key may have a run after another.
        var number: Int
        var task: Task<Value, any Error>
        var waiting: Int
    }

    private struct State: Sendable {
        var runs: [Key: Run] = [:]
        var last = 0
    }

    private let state = Mutex(State())

    /// Nothing runs yet.
    package init() {}

    /// How many run.
    package var count: Int { state.withLock { $0.runs.count } }

    /// The result of what runs for a key already, or of this work.
    ///
    /// Whoever is cancelled waits no longer, whatever becomes of the work.
    package func value(
        for key: Key, _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try Task.checkCancellation()
        let (number, task) = join(key, work)
        defer { leave(key, number) }
        return try await Abandonable<Value>().run { try await task.value }
    }

    private func join(
        _ key: Key, _ work: @escaping @Sendable () async throws -> Value
    ) -> (number: Int, task: Task<Value, any Error>) {
        state.withLock { state in
            if var run = state.runs[key] {
                run.waiting += 1
                state.runs[key] = run
                return (run.number, run.task)
            }
            state.last += 1
            let number = state.last
            let task = Task {
                // Who comes later does not get what was true before.
                defer { self.forget(key, number) }
                return try await work()
            }
            state.runs[key] = Run(number: number, task: task, waiting: 1)
            return (number, task)
        }
    }

    private func leave(_ key: Key, _ number: Int) {
        let unwanted = state.withLock { state -> Task<Value, any Error>? in
            guard var run = state.runs[key], run.number == number else { return nil }
            run.waiting -= 1
            state.runs[key] = run.waiting > 0 ? run : nil
            return run.waiting > 0 ? nil : run.task
        }
        unwanted?.cancel()
    }

    private func forget(_ key: Key, _ number: Int) {
        state.withLock { state in
            if state.runs[key]?.number == number { state.runs[key] = nil }
        }
    }
}
