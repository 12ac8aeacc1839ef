package import KubernetesModel

extension CustomResource {
    /// The RequestAuthentication kind.
    package static let requestAuthentication = istio(
        "RequestAuthentication", plural: "requestauthentications", group: "security.istio.io", shortNames: ["ra"],
        versions: ["v1", "v1beta1"],
        description: "Which JSON Web Tokens workloads take from requests. A request with a token that is not valid is "
            + "refused; one without any token goes on, unless an AuthorizationPolicy refuses it.",
        spec: .requestAuthenticationSpec)
}

extension Schema {
    /// `spec` of a RequestAuthentication.
    package static let requestAuthenticationSpec = object(
        policyTargets + [
            Field("jwtRules", list(tokenRule).items(0...4096), "The issuers whose tokens are taken, and how.")
        ], unknown: .dropped
    ).rules(.oneKindOfTarget).described("Which tokens are taken, by which workloads.")

    private static let tokenRule = object(tokenVerification + tokenLocations + tokenForwarding, unknown: .dropped)
        .rules(
            SchemaRule(
                "(has(self.jwksUri) ? 1 : 0) + (has(self.jwks_uri) ? 1 : 0) + (has(self.jwks) ? 1 : 0) <= 1",
                "set at most one of jwks and jwksUri"))

    private static let tokenVerification: [Field] = [
        Field("issuer", string.length(1...Int.max), "Who issued the token: its claim iss."),
        Field(
            "audiences", list(string.length(1...Int.max)),
            "The token's claim aud must hold one of these. None: any audience is taken."),
        Field(
            "jwksUri", keySetAddress,
            "Where the issuer's public keys are fetched. None, and no jwks: found by OpenID discovery at the issuer."),
        Field("jwks_uri", keySetAddress, "Another spelling of jwksUri."),
        Field("jwks", string, "The issuer's public keys themselves, as a JSON Web Key Set."),
        Field(
            "presence", oneOf("OPTIONAL", "REQUIRED"),
            "Whether requests without a token are refused (REQUIRED) or go on (OPTIONAL). Default: OPTIONAL."),
        Field(
            "spaceDelimitedClaims", list(string.length(1...Int.max)).items(0...64),
            "Claims whose text is a list of words separated by spaces, besides scope and permission."),
        Field("timeout", duration, "How long a fetch of the keys may take, such as 5s. Default: 5s."),
    ]

    private static let tokenLocations: [Field] = [
        Field(
            "fromHeaders", list(tokenHeader),
            "Headers that tokens are read from. Default, with none of the three: Authorization with prefix "
                + "\"Bearer \", then the query parameter access_token."),
        Field("fromParams", list(string.length(1...Int.max)), "Query parameters that tokens are read from."),
        Field("fromCookies", list(string.length(1...Int.max)), "Cookies that tokens are read from."),
    ]

    private static let tokenForwarding: [Field] = [
        Field("forwardOriginalToken", boolean, "Whether the workload gets to see the token itself. Default: false."),
        Field(
            "outputPayloadToHeader", string,
            "A header that hands the payload of a valid token to the workload, in Base64 for URLs."),
        Field("outputClaimToHeaders", list(claimHeader), "Headers that hand single claims to the workload."),
    ]

    private static let tokenHeader = object(
        [
            Field("name", string.length(1...Int.max), "Name of the header.", required: true),
            Field("prefix", string, "What stands before the token, such as \"Bearer \" with the space."),
        ], unknown: .dropped)

    private static let claimHeader = object(
        [
            Field("header", text(.headerName).length(1...Int.max), "Name of the header.", required: true),
            Field(
                "claim", string.length(1...Int.max), "The claim; one inside of another is written parent.child.",
                required: true),
        ], unknown: .dropped)

    private static let keySetAddress = text(.webAddress).length(1...2048).rules(
        SchemaRule(
            "url(self).getScheme() in [\"http\", \"https\"]",
            "must be a URL that begins with http:// or https://"))
}

extension TextRule {
    fileprivate static let webAddress = TextRule("a URL that begins with http:// or https://") { text in
        text.lowercased().hasPrefix("http://") || text.lowercased().hasPrefix("https://")
    }
}
