import Crypto

/// A request for a token in exchange for another one (RFC 8693, 2.1).
struct TokenExchangeRequest: Hashable, Sendable {
    static let grantType = "urn:ietf:params:oauth:grant-type:token-exchange"
    static let accessTokenType = "urn:ietf:params:oauth:token-type:access_token"
    static let subjectTokenType = "urn:ietf:params:oauth:token-type:jwt"

    var subjectToken: TokenText
    var audiences: [String] = []
    var resources: [String] = []
    /// Nil: what who gives the token thinks right.
    var scope: String?
    var requestedTokenType: String?
    var actorToken: TokenText?
    var actorTokenType: String?

    init(subjectToken: TokenText) { self.subjectToken = subjectToken }

    /// Reads a form. Fields without a value are not there, and those that nobody knows do not count (RFC 6749, 3.2).
    ///
    /// - Throws: All that is wrong with it, at once.
    init(form body: [UInt8]) throws(TokenExchangeFailure) {
        guard let all = FormText.fields(body) else {
            throw TokenExchangeFailure(.invalidRequest, "the body is no \(FormText.contentType) in UTF-8")
        }
        let fields = Dictionary(grouping: all.filter { !$0.value.isEmpty }, by: { $0.name })
            .mapValues { $0.map { $0.value } }
        func only(_ name: String) -> String? { fields[name]?.first }

        var problems = Self.single.filter { fields[$0, default: []].count > 1 }.map { "\($0) is there more than once" }
        if let type = only("grant_type") {
            guard type == Self.grantType else {
                throw TokenExchangeFailure(.unsupportedGrantType, "grant_type has to be \(Self.grantType)")
            }
        } else {
            problems.append("grant_type is missing: it has to be \(Self.grantType)")
        }
        let token = only("subject_token")
        if token == nil { problems.append("subject_token is missing") }
        if only("subject_token_type") != Self.subjectTokenType {
            problems.append("subject_token_type has to be \(Self.subjectTokenType)")
        }
        if (only("actor_token") == nil) != (only("actor_token_type") == nil) {
            problems.append("actor_token and actor_token_type belong together")
        }
        guard problems.isEmpty, let token else {
            throw TokenExchangeFailure(.invalidRequest, problems.joined(separator: "; "))
        }
        resources = fields["resource"] ?? []
        guard resources.allSatisfy({ $0.contains(":") && !$0.contains("#") }) else {
            throw TokenExchangeFailure(.invalidTarget, "a resource has to be an absolute URI without a fragment")
        }
        subjectToken = TokenText(token)
        audiences = fields["audience"] ?? []
        scope = only("scope")
        requestedTokenType = only("requested_token_type")
        actorToken = only("actor_token").map(TokenText.init)
        actorTokenType = only("actor_token_type")
    }

    /// All but these may be there more than once.
    private static let single = [
        "grant_type", "subject_token", "subject_token_type", "scope", "requested_token_type", "actor_token",
        "actor_token_type",
    ]

    /// What is sent to who gives tokens: it holds the tokens.
    var form: String {
        var fields = [
            (name: "grant_type", value: Self.grantType),
            (name: "subject_token_type", value: Self.subjectTokenType),
            (name: "subject_token", value: subjectToken.revealed),
        ]
        fields += audiences.map { (name: "audience", value: $0) }
        fields += resources.map { (name: "resource", value: $0) }
        let rest = [
            ("scope", scope), ("requested_token_type", requestedTokenType), ("actor_token", actorToken?.revealed),
            ("actor_token_type", actorTokenType),
        ]
        for case (let name, let value?) in rest { fields.append((name: name, value: value)) }
        return FormText.text(fields)
    }

    /// Stands for the request where its answer is kept, and does not hold its tokens.
    var digest: [UInt8] { Array(SHA256.hash(data: Array(form.utf8))) }

    /// The tokens in it.
    var tokens: [TokenText] { [subjectToken] + (actorToken.map { [$0] } ?? []) }
}
