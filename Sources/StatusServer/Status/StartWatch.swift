import Synchronization

/// Measures once how long it took until the proxy was ready.
package final class StartWatch: Sendable {
    private let start = ContinuousClock.now
    private let hasFinished = Atomic(false)
    private let counts: StatusMetrics

    /// Begins now.
    package init(_ counts: StatusMetrics) { self.counts = counts }

    /// It is ready; only the first time counts.
    package func finish() {
        guard !hasFinished.exchange(true, ordering: .relaxed) else { return }
        counts.recordStart(ContinuousClock.now - start)
    }
}
