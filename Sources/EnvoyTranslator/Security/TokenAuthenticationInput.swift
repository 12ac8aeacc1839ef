import EnvoyAPI
package import MeshModel
import SwiftProtobuf

/// All that decides the filter that verifies tokens.
package struct TokenAuthenticationInput: Hashable, Sendable {
    /// How tokens of one issuer are taken, and what they are verified with.
    package struct Issuer: Hashable, Sendable {
        package var rule: TokenRule
        /// A JSON Web Key Set; nil as long as there is none: every token is refused.
        package var keys: String?
    }

    package var issuers: [Issuer]
    /// Routes are chosen anew once claims are known.
    package var clearsRouteCache: Bool

    static let filterName = "envoy.filters.http.jwt_authn"
    /// Under which the payload of a verified token is noted.
    static let payloadKey = "payload"

    func httpFilter() throws -> HTTPFilter {
        try .named(
            Self.filterName,
            Envoy_Extensions_Filters_Http_JwtAuthn_V3_JwtAuthentication.with {
                for (index, issuer) in issuers.enumerated() {
                    $0.providers[Self.name(index)] = provider(issuer)
                }
                $0.rules = [
                    .with {
                        $0.match.prefix = "/"
                        $0.requires = requirement
                    }
                ]
                $0.bypassCorsPreflight = true
            })
    }

    private static func name(_ index: Int) -> String { "origins-\(index)" }

    private typealias Requirement = Envoy_Extensions_Filters_Http_JwtAuthn_V3_JwtRequirement

    /// All tokens that are there must be valid, whoever issued them.
    private var requirement: Requirement {
        let each = issuers.enumerated().map { index, issuer -> Requirement in
            let own: Requirement = .with { $0.providerName = Self.name(index) }
            guard !issuer.rule.isRequired else { return own }
            return .with { $0.requiresAny.requirements = [own, .with { $0.allowMissing = .init() }] }
        }
        return each.count == 1 ? each[0] : .with { $0.requiresAll.requirements = each }
    }

    private func provider(_ issuer: Issuer) -> Envoy_Extensions_Filters_Http_JwtAuthn_V3_JwtProvider {
        let rule = issuer.rule
        return .with {
            $0.issuer = rule.issuer
            $0.audiences = rule.audiences
            $0.localJwks.inlineString = issuer.keys ?? Self.keysOfNobody
            $0.forward = rule.forwardsToken
            $0.fromHeaders = rule.headers.map { header in
                .with {
                    $0.name = header.name
                    $0.valuePrefix = header.prefix
                }
            }
            $0.fromParams = rule.parameters
            $0.fromCookies = rule.cookies
            $0.forwardPayloadHeader = rule.payloadHeader
            $0.claimToHeaders = rule.claimHeaders.map { header in
                .with {
                    $0.headerName = header.name
                    $0.claimName = header.claim
                }
            }
            $0.payloadInMetadata = Self.payloadKey
            let usual = ["permission", "scope"]
            $0.normalizePayloadInMetadata.spaceDelimitedClaims =
                usual + rule.spaceDelimitedClaims.filter { !usual.contains($0) }
            $0.clearRouteCache_p = clearsRouteCache
        }
    }

    /// A key whose private part was thrown away: nobody can sign with it.
    private static let keysOfNobody = """
        {"keys":[{"kty":"EC","crv":"P-256","alg":"ES256","kid":"nobody",\
        "x":"H4j_uXbmo2FY86BNHZhfe_kM-IFfsBue7iQBp4CRxgc","y":"FTPYMuHfHO0c0EhUp9d-iTkDekMuTNZ8uqAZuPKRf84"}]}
        """
}
