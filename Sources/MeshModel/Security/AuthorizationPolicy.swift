/// Who may do what with workloads.
package struct AuthorizationPolicy: Hashable, Sendable {
    package enum Action: Hashable, Sendable {
        case allow
        case deny
        /// Has it logged, by whoever logs.
        case audit
        /// A provider decides.
        case custom(provider: String)
    }

    package var origin: ConfigurationOrigin
    package var target: PolicyTarget
    package var action: Action
    /// Only counts what it would do.
    package var isDryRun: Bool
    /// It matches what any of these matches; nothing without any.
    package var rules: [AuthorizationRule]

    package init(
        origin: ConfigurationOrigin, target: PolicyTarget = .workloads([:]), action: Action = .allow,
        isDryRun: Bool = false, rules: [AuthorizationRule] = []
    ) {
        self.origin = origin
        self.target = target
        self.action = action
        self.isDryRun = isDryRun
        self.rules = rules
    }
}

/// One rule of an AuthorizationPolicy.
package struct AuthorizationRule: Hashable, Sendable {
    /// Who: any of these, each with all that must hold. Anybody without any.
    package var sources: [[AuthorizationMatch]]
    /// What: any of these, each with all that must hold. Anything without any.
    package var operations: [[AuthorizationMatch]]
    /// All of these must hold.
    package var conditions: [AuthorizationMatch]

    package init(
        sources: [[AuthorizationMatch]] = [], operations: [[AuthorizationMatch]] = [],
        conditions: [AuthorizationMatch] = []
    ) {
        self.sources = sources
        self.operations = operations
        self.conditions = conditions
    }
}

/// Something of a request or a connection, and what it has to be.
package struct AuthorizationMatch: Hashable, Sendable {
    package var attribute: AuthorizationAttribute
    /// One of these, as written; anything without any.
    package var values: [String]
    /// None of these.
    package var notValues: [String]

    package init(_ attribute: AuthorizationAttribute, values: [String] = [], notValues: [String] = []) {
        self.attribute = attribute
        self.values = values
        self.notValues = notValues
    }
}

/// What of a request or a connection is looked at.
package enum AuthorizationAttribute: Hashable, Sendable {
    /// Of the peer's certificate, without `spiffe://`.
    case principal
    case trustDomain
    case namespace
    /// Written `namespace/name`.
    case serviceAccount
    /// Of the verified token, `issuer/subject`.
    case requestPrincipal
    /// The connection's other end.
    case sourceAddress
    /// The first client, as far as it is known.
    case remoteAddress
    case host
    case method
    case path
    case destinationAddress
    /// The workload's own.
    case destinationPort
    case header(String)
    /// A claim of the verified token; the parts of its path.
    case claim([String])
    /// The name that the client asked for in TLS.
    case serverName
    /// What another filter noted.
    case filterMetadata(filter: String, key: String)

    /// Whether it is a matter of requests: connections do not have it.
    package var isOfRequests: Bool {
        switch self {
        case .requestPrincipal, .host, .method, .path, .header, .claim: true
        default: false
        }
    }
}
