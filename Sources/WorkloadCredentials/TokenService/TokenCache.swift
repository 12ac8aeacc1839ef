import FoundationEssentials
import KubernetesModel

/// Tokens that still count, by the requests that they were given for.
struct TokenCache: Sendable {
    private struct Entry: Sendable {
        var token: ExchangedToken
        var issued: Date
        var lifetime: Duration
        /// When it is to be replaced.
        var renewal: ContinuousClock.Instant
        var expiry: ContinuousClock.Instant
    }

    /// So many are kept; the one that ends first makes room.
    let limit: Int
    private var entries: [[UInt8]: Entry] = [:]

    init(limit: Int) { self.limit = limit }

    /// A token that counts for a while yet, with the time that is left.
    func token(for digest: [UInt8], now: ContinuousClock.Instant) -> ExchangedToken? {
        guard let entry = entries[digest], now < entry.renewal else { return nil }
        var token = entry.token
        token.lifetime = entry.expiry - now
        return token
    }

    /// Keeps a token until shortly before its end: five minutes, or the last quarter of a short life.
    mutating func keep(
        _ token: ExchangedToken, for digest: [UInt8], now: ContinuousClock.Instant, issued: Date
    ) {
        entries = entries.filter { $0.value.expiry > now }
        guard let lifetime = token.lifetime, lifetime > .zero else { return }
        if entries.count >= limit, entries[digest] == nil,
            let first = entries.min(by: { $0.value.expiry < $1.value.expiry })
        {
            entries[first.key] = nil
        }
        entries[digest] = Entry(
            token: token, issued: issued, lifetime: lifetime,
            renewal: now + lifetime - min(.seconds(300), lifetime / 4), expiry: now + lifetime)
    }

    /// What is kept, without what would let somebody use it.
    func status(now: ContinuousClock.Instant) -> JSONValue {
        let kept = entries.values.filter { $0.expiry > now }.sorted { ($0.issued, $0.expiry) < ($1.issued, $1.expiry) }
        let tokens = kept.map { entry -> JSONValue in
            let seconds = Double(entry.lifetime.components.seconds)
            return [
                "token_type": .string(entry.token.issuedTokenType),
                "issue_time": .string(entry.issued.formatted(.iso8601)),
                "expire_time": .string(entry.issued.addingTimeInterval(seconds).formatted(.iso8601)),
            ]
        }
        return ["tokens": .array(tokens)]
    }
}
