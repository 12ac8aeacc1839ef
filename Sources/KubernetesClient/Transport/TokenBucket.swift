/// The rate limit: tokens come at a steady rate, a request takes one, a pause saves some up.
struct TokenBucket: Hashable, Sendable {
    private let perSecond: Double
    private let capacity: Double
    private var tokens: Double
    private var updated: ContinuousClock.Instant

    /// A full bucket.
    ///
    /// - Parameters:
    ///   - perSecond: Rate, above 0.
    ///   - capacity: Most tokens saved up, at least 1.
    init(perSecond: Double, capacity: Int, now: ContinuousClock.Instant) {
        self.perSecond = max(perSecond, 0.001)
        self.capacity = Double(max(capacity, 1))
        tokens = self.capacity
        updated = now
    }

    /// Takes a token, if need be one of the future.
    ///
    /// - Returns: How long to wait for it. Those who come later wait longer: first come, first served.
    mutating func take(now: ContinuousClock.Instant) -> Duration {
        let elapsed = updated.duration(to: now)
        if elapsed > .zero {
            tokens = min(capacity, tokens + elapsed / .seconds(1) * perSecond)
            updated = now
        }
        tokens -= 1
        return tokens >= 0 ? .zero : .seconds(1) * (-tokens / perSecond)
    }
}
