import KubernetesModel
import Observability

/// A token that was given for another one (RFC 8693, 2.2.1).
struct ExchangedToken: Hashable, Sendable {
    var accessToken: TokenText
    var issuedTokenType: String
    var tokenType: String
    /// How long it counts from now; nil: nobody knows.
    var lifetime: Duration?
    /// Nil: the one that was asked for.
    var scope: String?

    /// Reads the answer of who gives tokens. A token to get further ones with is not handed on.
    init?(_ json: JSONValue) {
        guard let token = json["access_token"]?.string, !token.isEmpty, let type = json["token_type"]?.string else {
            return nil
        }
        accessToken = TokenText(token)
        tokenType = type
        issuedTokenType = json["issued_token_type"]?.string ?? TokenExchangeRequest.accessTokenType
        let seconds = json["expires_in"]?.integer ?? json["expires_in"]?.string.flatMap(Int64.init)
        lifetime = seconds.map { .seconds(min(max($0, 0), Self.maximumSeconds)) }
        scope = json["scope"]?.string
    }

    /// A year.
    private static let maximumSeconds: Int64 = 31_536_000

    /// The answer to who asked.
    var reply: HTTPReply {
        var json: JSONValue = [
            "access_token": .string(accessToken.revealed), "issued_token_type": .string(issuedTokenType),
            "token_type": .string(tokenType),
        ]
        if let lifetime { json["expires_in"] = .integer(lifetime.components.seconds) }
        if let scope { json["scope"] = .string(scope) }
        return .token(json)
    }
}
