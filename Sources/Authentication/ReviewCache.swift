/// Answers of the API server that are kept for a while; whoever asks while an answer is on its way waits for that one.
///
/// Failures to ask are told to all who wait, and are not kept.
package actor ReviewCache<Key: Hashable & Sendable, Answer: Sendable> {
    private var cache: ExpiringCache<Key, Answer>
    private var underWay: [Key: Task<Answer, any Error>] = [:]
    private let limit: Int
    private let now: @Sendable () -> Double
    private let lifetime: @Sendable (Key, Answer) -> Double

    /// - Parameters:
    ///   - capacity: Answers kept.
    ///   - concurrency: Questions under way at once; more are refused with ``TooManyReviews``.
    ///   - now: Seconds since 1970.
    ///   - lifetime: How many seconds an answer is good for.
    package init(
        capacity: Int, concurrency: Int = 256, now: @escaping @Sendable () -> Double,
        lifetime: @escaping @Sendable (Key, Answer) -> Double
    ) {
        cache = ExpiringCache(capacity: capacity)
        limit = concurrency
        self.now = now
        self.lifetime = lifetime
    }

    /// How many answers are kept.
    package var count: Int { cache.count }

    /// The answer that is kept, or else the one that `ask` gives.
    package func answer(for key: Key, _ ask: @escaping @Sendable () async throws -> Answer) async throws -> Answer {
        if let answer = cache.value(for: key, now: now()) { return answer }
        if let task = underWay[key] { return try await task.value }
        guard underWay.count < limit else { throw TooManyReviews(limit: limit) }
        // A task of its own: that one of those who wait gives up must not disturb the others.
        let task = Task { try await ask() }
        underWay[key] = task
        defer { underWay[key] = nil }
        let answer = try await task.value
        let now = now()
        cache.keep(answer, for: key, until: now + lifetime(key, answer), now: now)
        return answer
    }
}

/// So many questions wait for the API server that no more are asked.
package struct TooManyReviews: Error, Hashable, Sendable, CustomStringConvertible {
    package var limit: Int

    package init(limit: Int) { self.limit = limit }

    package var description: String { "\(limit) reviews wait for the API server: try again a little later" }
}
