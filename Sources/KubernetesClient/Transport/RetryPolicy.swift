/// Whether and when to send a request again.
struct RetryPolicy: Hashable, Sendable {
    /// What came of an attempt.
    enum Outcome: Hashable, Sendable {
        /// The server refused, with the seconds it asks to wait.
        case refused(status: Int, retryAfterSeconds: Int?)
        case failed(TransportError.Kind)
    }

    /// How a request may be repeated.
    enum Repeatability: Hashable, Sendable {
        /// Asking twice is asking once.
        case reading
        /// Doing it twice leaves the world as doing it once does.
        case idempotentWrite
        /// Only if the server certainly has not acted.
        case write
        /// As `write`, and 429 is an answer of its own (evictions).
        case writeWithMeaningful429
    }

    /// Attempts after the first.
    var retries: Int
    /// The wait before the first retry; doubled at each that follows.
    var base = Duration.milliseconds(200)
    var limit = Duration.seconds(10)
    /// A server that asks for a longer wait than this is not waited for.
    var patienceSeconds = 60

    /// How long to wait before the next attempt; nil to give up.
    ///
    /// - Parameters:
    ///   - attempt: Attempts made, from 1.
    ///   - jitter: One draw from `0 ... 1`: up to half of a back-off is added, so that many clients do not come
    ///     back together. A wait that the server asked for is never shortened.
    func delay(
        after outcome: Outcome, attempt: Int, of repeatability: Repeatability, jitter: Double
    ) -> Duration? {
        guard attempt <= retries, mayRepeat(after: outcome, repeatability) else { return nil }
        let doublings = min(attempt - 1, 16)
        let backoff = min(base * (1 << doublings), limit) * (1 + jitter / 2)
        guard case .refused(_, let seconds?) = outcome else { return backoff }
        return seconds > patienceSeconds ? nil : max(.seconds(seconds), backoff)
    }

    private func mayRepeat(after outcome: Outcome, _ repeatability: Repeatability) -> Bool {
        switch outcome {
        case .refused(429, _): repeatability != .writeWithMeaningful429
        case .refused(500..., let seconds) where seconds != nil: true  // "not now": it has not acted
        case .refused(502...504, _): repeatability == .reading || repeatability == .idempotentWrite
        case .refused(500, _): repeatability == .reading
        case .refused: false
        case .failed(.unreachable): true
        case .failed(.interrupted), .failed(.timedOut):
            repeatability == .reading || repeatability == .idempotentWrite
        case .failed(.untrusted), .failed(.tooLarge), .failed(.malformed): false
        }
    }
}
