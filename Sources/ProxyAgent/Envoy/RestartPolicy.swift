/// When a program that ended by itself is started again: at once the first time, then later and later; one that never
/// stays is given up.
package struct RestartPolicy: Hashable, Sendable {
    package var initialDelay: Duration = .milliseconds(200)
    package var maximumDelay: Duration = .seconds(10)
    /// A run of at least this time was a good one.
    package var goodRun: Duration = .seconds(10)
    /// Bad runs in a row after which it is given up.
    package var maximumBadRuns = 10

    /// Bad runs in a row so far.
    package private(set) var badRuns = 0

    package init() {}

    /// How long to wait before the next start; nil: it is given up.
    package mutating func delay(afterRunning time: Duration) -> Duration? {
        guard time < goodRun else {
            badRuns = 0
            return .zero
        }
        badRuns += 1
        if badRuns == 1 { return .zero }
        guard badRuns <= maximumBadRuns else { return nil }
        return min(initialDelay * Double(1 << min(badRuns - 2, 20)), maximumDelay)
    }
}
