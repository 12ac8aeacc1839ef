import Observability
import Synchronization

/// Gives memory back to the node while many proxies connect, and for a while after: the first responses of each are large
/// and short-lived, and the allocator keeps what they took.
final class FreedMemory: Sendable {
    private struct State {
        var isRunning = false
        var usedUntil = ContinuousClock.now
    }

    private let interval: Duration
    private let state = Mutex(State())

    /// - Parameter interval: Between two times.
    init(interval: Duration = .seconds(1)) { self.interval = interval }

    /// A proxy has connected.
    func isUsed(now: ContinuousClock.Instant) {
        let starts = state.withLock { state in
            state.usedUntil = now + interval * 10
            defer { state.isRunning = true }
            return !state.isRunning
        }
        guard starts else { return }
        Task { [weak self, interval] in
            while (try? await Task.sleep(for: interval)) != nil, self?.returnFreed() ?? false {}
        }
    }

    /// False: it has not been used for a while.
    private func returnFreed() -> Bool {
        ProcessMemory.returnFreed()
        return state.withLock { state in
            state.isRunning = ContinuousClock.now < state.usedUntil
            return state.isRunning
        }
    }
}
