/// Which tokens workloads take.
package struct RequestAuthentication: Hashable, Sendable {
    package var origin: ConfigurationOrigin
    package var target: PolicyTarget
    package var rules: [TokenRule]

    package init(
        origin: ConfigurationOrigin, target: PolicyTarget = .workloads([:]), rules: [TokenRule] = []
    ) {
        self.origin = origin
        self.target = target
        self.rules = rules
    }
}

/// How tokens of one issuer are taken.
package struct TokenRule: Hashable, Sendable {
    /// Where the keys that tokens are signed with come from.
    package enum Keys: Hashable, Sendable {
        /// A JSON Web Key Set, as written.
        case inline(String)
        case fetched(KeySetSource)
    }

    /// A header that a token stands in.
    package struct Header: Hashable, Sendable {
        package var name: String
        /// What stands in front of the token.
        package var prefix: String

        package init(name: String, prefix: String = "") {
            self.name = name
            self.prefix = prefix
        }
    }

    /// A header that hands a claim to the workload.
    package struct ClaimHeader: Hashable, Sendable {
        package var name: String
        /// One inside of another is written `parent.child`.
        package var claim: String

        package init(name: String, claim: String) {
            self.name = name
            self.claim = claim
        }
    }

    /// The `iss` that a token must have; any for an empty one.
    package var issuer: String
    /// One of which a token must be for; any without any.
    package var audiences: [String]
    package var keys: Keys
    /// How long a fetch of the keys may take.
    package var fetchTimeout: Duration
    package var headers: [Header]
    package var parameters: [String]
    package var cookies: [String]
    /// Requests without a token are refused.
    package var isRequired: Bool
    /// The workload gets to see the token.
    package var forwardsToken: Bool
    /// A header that hands the token's payload to the workload; empty for none.
    package var payloadHeader: String
    package var claimHeaders: [ClaimHeader]
    /// Claims that are lists of words, besides the usual ones.
    package var spaceDelimitedClaims: [String]

    package init(issuer: String, keys: Keys) {
        self.issuer = issuer
        audiences = []
        self.keys = keys
        fetchTimeout = .seconds(5)
        headers = []
        parameters = []
        cookies = []
        isRequired = false
        forwardsToken = false
        payloadHeader = ""
        claimHeaders = []
        spaceDelimitedClaims = []
    }

    /// Where its keys are fetched; nil if they are given.
    package var keySetSource: KeySetSource? { if case .fetched(let source) = keys { source } else { nil } }
}

/// Where a JSON Web Key Set is fetched.
package enum KeySetSource: Hashable, Sendable, Comparable {
    case address(String)
    /// Found by OpenID discovery.
    case issuer(String)

    package static func < (left: KeySetSource, right: KeySetSource) -> Bool {
        switch (left, right) {
        case (.address(let left), .address(let right)), (.issuer(let left), .issuer(let right)): left < right
        case (.address, .issuer): true
        case (.issuer, .address): false
        }
    }
}

extension MeshConfiguration {
    /// The key sets that have to be fetched, and how long each fetch may take.
    package var wantedKeySets: [KeySetSource: Duration] {
        var wanted: [KeySetSource: Duration] = [:]
        for rule in requestAuthentications.values.flatMap(\.rules) {
            guard let source = rule.keySetSource else { continue }
            wanted[source] = max(rule.fetchTimeout, wanted[source] ?? .zero)
        }
        return wanted
    }
}
