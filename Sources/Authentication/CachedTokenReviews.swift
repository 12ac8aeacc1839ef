import Crypto
package import KubernetesClient

/// Remembers verdicts on tokens by their hash: proxies of one Pod reconnect with the same token.
///
/// ```
/// authenticated  as long as the token is good, at most 2 minutes: a deleted Pod's token does not live on
/// refused        5 seconds
/// ```
/// What is no ServiceAccount's token, has expired or is meant for others is refused without asking.
package struct CachedTokenReviews: TokenReviewing {
    /// Stands for a token without telling it.
    private struct Key: Hashable, Sendable {
        var digest: [UInt8]
        var audience: String?
        /// Of the token, seconds since 1970.
        var expires: Double?
    }

    private let reviews: any TokenReviewing
    private let cache: ReviewCache<Key, TokenVerdict>
    private let now: @Sendable () -> Double

    /// - Parameters:
    ///   - reviews: Who is asked.
    ///   - now: Seconds since 1970.
    ///   - capacity: Verdicts kept.
    package init(_ reviews: any TokenReviewing, now: @escaping @Sendable () -> Double, capacity: Int = 10_000) {
        self.reviews = reviews
        self.now = now
        cache = ReviewCache(capacity: capacity, now: now) { key, verdict in
            guard case .authenticated = verdict else { return 5 }
            return min(120, (key.expires ?? .infinity) - now())
        }
    }

    /// How many verdicts are kept.
    package var count: Int { get async { await cache.count } }

    package func review(_ token: Secret<String>, audience: String?) async throws -> TokenVerdict {
        guard let claims = TokenClaims(token) else { return .refused("it is no ServiceAccount's token") }
        if let expires = claims.expires, expires <= now() { return .refused("the token has expired") }
        if let audience, !claims.audiences.contains(audience) {
            return .refused("the token was not issued for the audience \"\(audience)\"")
        }
        let digest = Array(SHA256.hash(data: Array(token.exposed.utf8)))
        let key = Key(digest: digest, audience: audience, expires: claims.expires)
        return try await cache.answer(for: key) { [reviews] in try await reviews.review(token, audience: audience) }
    }
}
