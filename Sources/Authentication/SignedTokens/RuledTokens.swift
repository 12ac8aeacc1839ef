package import KubernetesClient
package import Logging

/// Verifies tokens of one more issuer than the API server knows; all others are somebody else's to review.
///
/// ```
/// issued by that one, for an audience of the rule, now, signed by a key of its ─► who `sub` says
/// anything else                                                                ─► TokenReview
/// ```
package struct RuledTokens: TokenReviewing {
    /// Between the clocks of issuers and this one.
    private static let leeway = 60.0

    private let rule: WorkloadTokenRule
    private let keys: IssuerKeys
    private let others: any TokenReviewing
    private let now: @Sendable () -> Double

    /// - Parameters:
    ///   - others: Asked about everybody else's tokens.
    ///   - now: Seconds since 1970.
    package init(
        _ rule: WorkloadTokenRule, fetcher: any KeySetFetching, others: any TokenReviewing,
        now: @escaping @Sendable () -> Double, logger: Logger
    ) {
        self.rule = rule
        keys = IssuerKeys(rule, fetcher: fetcher, logger: logger)
        self.others = others
        self.now = now
    }

    package func review(_ token: Secret<String>, audience: String?) async throws -> TokenVerdict {
        // For other purposes than the mesh's own nobody else's tokens count.
        guard audience == WorkloadAuthenticator.audience, let parts = SignedToken(token), parts.issuer == rule.issuer
        else { return try await others.review(token, audience: audience) }
        let own = await verdict(on: parts)
        if case .success(.authenticated) = own { return try own.get() }
        // The cluster's own issuer may be the one.
        let other = try await others.review(token, audience: audience)
        if case .authenticated = other { return other }
        return try own.get()
    }

    private func verdict(on token: SignedToken) async -> Result<TokenVerdict, any Error> {
        guard let expires = token.expires, expires > now() else { return .success(.refused("the token has expired")) }
        if let begins = token.notBefore, begins > now() + Self.leeway {
            return .success(.refused("the token is not valid yet"))
        }
        guard token.audiences.contains(where: rule.audiences.contains) else {
            return .success(.refused("the token was not issued for \(rule.audiences.joined(separator: " or "))"))
        }
        let user = AuthenticatedUser(name: token.subject)
        guard user.serviceAccount != nil else {
            return .success(.refused("the token's subject is no system:serviceaccount:NAMESPACE:NAME"))
        }
        do {
            let isSigned = token.isSigned(byOneOf: try await keys.keys(with: token.keyID))
            return .success(isSigned ? .authenticated(user) : .refused("the token's signature does not hold"))
        } catch {
            return .failure(error)
        }
    }
}
