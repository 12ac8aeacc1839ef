package import KubernetesModel

extension CustomResource {
    /// The AuthorizationPolicy kind.
    package static let authorizationPolicy = istio(
        "AuthorizationPolicy", plural: "authorizationpolicies", group: "security.istio.io", shortNames: ["ap"],
        versions: ["v1", "v1beta1"],
        columns: [
            Column("Action", path: ".spec.action", "What happens to what the rules match."),
            .age,
        ],
        description: "Which requests and connections workloads take, by who asks, for what, and under which "
            + "conditions.",
        spec: .authorizationPolicySpec)
}

extension Schema {
    /// `spec` of an AuthorizationPolicy.
    package static let authorizationPolicySpec = object(
        policyTargets + [
            Field(
                "action", oneOf("ALLOW", "DENY", "AUDIT", "CUSTOM"),
                "What happens to what a rule matches: CUSTOM asks the provider first, then DENY refuses, then ALLOW "
                    + "lets pass, and where any ALLOW policy stands, refuses all else. AUDIT only has it logged. "
                    + "Default: ALLOW."),
            Field("provider", authorizationProvider, "Who decides, with action CUSTOM."),
            Field(
                "rules", list(authorizationRule).items(0...512),
                "What the action is for: whatever matches one of these. None: nothing matches. An empty rule: "
                    + "everything does."),
        ], unknown: .dropped
    ).rules(.oneKindOfTarget).described("What is done with which requests, by which workloads.")

    private static let authorizationProvider = object(
        [Field("name", string, "Its name in meshConfig.extensionProviders.")], unknown: .dropped)

    private static let authorizationRule = object(
        [
            Field("from", list(authorizationFrom).items(0...512), "Who asks: one of these. None: anybody."),
            Field("to", list(authorizationTo), "What is asked for: one of these. None: anything."),
            Field("when", list(authorizationCondition), "Further conditions, all of which must hold."),
        ], unknown: .dropped)

    private static let authorizationFrom = object(
        [Field("source", authorizationSource, "Where it comes from; all fields given must match.")], unknown: .dropped)

    private static let authorizationTo = object(
        [Field("operation", authorizationOperation, "What it is; all fields given must match.")], unknown: .dropped)

    private static let authorizationSource = object(peerFields + addressFields, unknown: .dropped).rules(
        SchemaRule(
            "(has(self.serviceAccounts) || has(self.notServiceAccounts)) ? (!has(self.principals) && "
                + "!has(self.notPrincipals) && !has(self.namespaces) && !has(self.notNamespaces)) : true",
            "serviceAccounts and notServiceAccounts cannot stand beside principals or namespaces"))

    private static let peerFields: [Field] = [
        Field(
            "principals", strings,
            "Identities from the peer's certificate, such as cluster.local/ns/default/sa/web; with * at the beginning "
                + "or end for any. Needs mutual TLS."),
        Field("notPrincipals", strings, "Identities that do not match."),
        Field(
            "serviceAccounts", list(string.length(0...320)).items(0...16),
            "Service accounts of the peer: name in this policy's namespace, or namespace/name. Needs mutual TLS."),
        Field(
            "notServiceAccounts", list(string.length(0...320)).items(0...16), "Service accounts that do not match."),
        Field("namespaces", strings, "Namespaces of the peer. Needs mutual TLS."),
        Field("notNamespaces", strings, "Namespaces that do not match."),
        Field("trustDomains", strings, "Trust domains of the peer. Needs mutual TLS."),
        Field("notTrustDomains", strings, "Trust domains that do not match."),
        Field(
            "requestPrincipals", strings,
            "Identities from the request's token, written issuer/subject; * for any valid token."),
        Field("notRequestPrincipals", strings, "Token identities that do not match; * for requests without a token."),
    ]

    private static let addressFields: [Field] = [
        Field("ipBlocks", strings, "Addresses or CIDR ranges that the connection comes from."),
        Field("notIpBlocks", strings, "Addresses or CIDR ranges that do not match."),
        Field(
            "remoteIpBlocks", strings,
            "Addresses or CIDR ranges of the first client, from X-Forwarded-For or the PROXY protocol."),
        Field("notRemoteIpBlocks", strings, "First clients' addresses or CIDR ranges that do not match."),
    ]

    private static let authorizationOperation = object(
        [
            Field("hosts", strings, "Hosts of the request, regardless of case; with * at the beginning or end."),
            Field("notHosts", strings, "Hosts that do not match."),
            Field("ports", strings, "Ports of the workload, written as strings."),
            Field("notPorts", strings, "Ports that do not match."),
            Field("methods", strings, "HTTP methods; of gRPC, always POST."),
            Field("notMethods", strings, "HTTP methods that do not match."),
            Field(
                "paths", strings,
                "Paths of the request, with * at the beginning or end, or with {*} for one segment and {**} for any "
                    + "number; of gRPC, /package.Service/Method."),
            Field("notPaths", strings, "Paths that do not match."),
        ], unknown: .dropped)

    private static let authorizationCondition = object(
        [
            Field(
                "key", string, "What is looked at, such as request.headers[User-Agent] or request.auth.claims[iss].",
                required: true),
            Field("values", strings, "It must be one of these. This or notValues must be given."),
            Field("notValues", strings, "It must be none of these."),
        ], unknown: .dropped)
}
