/// How long to wait after failures in a row: each time twice as long, and less by chance, so that many do not come back
/// together.
package struct Backoff: Hashable, Sendable {
    /// After the first failure.
    package var initial: Duration
    /// The longest.
    package var maximum: Duration

    /// From `initial` to `maximum`.
    package init(initial: Duration, maximum: Duration) {
        self.initial = initial
        self.maximum = maximum
    }

    /// The wait after so many failures.
    ///
    /// - Parameters:
    ///   - failures: In a row, one or more.
    ///   - random: `0 ..< 1`; the wait is between half and the whole of what doubling gives.
    package func delay(afterFailures failures: Int, random: Double) -> Duration {
        let doublings = min(max(failures - 1, 0), 30)
        let whole = min(initial * Double(1 << doublings), maximum)
        return whole * (0.5 + 0.5 * min(max(random, 0), 1))
    }
}
