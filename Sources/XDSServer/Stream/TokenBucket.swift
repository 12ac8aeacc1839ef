/// A rate as a value: so many tokens at most, so many new ones a second.
package struct TokenBucket: Hashable, Sendable {
    package let capacity: Double
    package let perSecond: Double
    private var tokens: Double
    private var filled: ContinuousClock.Instant

    /// A full bucket.
    package init(capacity: Double, perSecond: Double, now: ContinuousClock.Instant) {
        self.capacity = capacity
        self.perSecond = perSecond
        tokens = capacity
        filled = now
    }

    /// Takes a token. False: there is none.
    package mutating func take(now: ContinuousClock.Instant) -> Bool {
        if now > filled {
            tokens = min(capacity, tokens + (now - filled) / .seconds(1) * perSecond)
            filled = now
        }
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }
}
