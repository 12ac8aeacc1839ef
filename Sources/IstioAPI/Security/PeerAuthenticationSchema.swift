package import KubernetesModel

extension CustomResource {
    /// The PeerAuthentication kind.
    package static let peerAuthentication = istio(
        "PeerAuthentication", plural: "peerauthentications", group: "security.istio.io", shortNames: ["pa"],
        versions: ["v1", "v1beta1"],
        columns: [
            Column("Mode", path: ".spec.mtls.mode", "What the workloads take."),
            .age,
        ],
        description: "Whether workloads take mutual TLS, plain text, or both, on connections from their peers.",
        spec: .peerAuthenticationSpec)
}

extension Schema {
    /// `spec` of a PeerAuthentication.
    package static let peerAuthenticationSpec = object(
        [
            workloadsField,
            Field("mtls", mutualTLS, "What the workloads take on all ports that portLevelMtls does not name."),
            Field(
                "portLevelMtls", map(mutualTLS).properties(1...Int.max).rules(portNumberKeys),
                "What they take on single ports, by the port of the workload (not of the Service). Needs a selector."),
        ], unknown: .dropped
    ).rules(portsNeedSelector).described("Which connections are taken, by which workloads.")

    private static let mutualTLS = object(
        [
            Field(
                "mode", oneOf("UNSET", "DISABLE", "PERMISSIVE", "STRICT"),
                "STRICT takes mutual TLS only, PERMISSIVE plain text as well, DISABLE plain text only; UNSET takes "
                    + "over what the next wider policy says. Default: UNSET; PERMISSIVE where no policy says more.")
        ], unknown: .dropped)

    private static let portNumberKeys = SchemaRule(
        "self.all(key, 0 < int(key) && int(key) <= 65535)", "each key must be a port number from 1 to 65535")

    private static let portsNeedSelector = SchemaRule(
        "has(self.portLevelMtls) ? (((has(self.selector) && has(self.selector.matchLabels)) ? "
            + "self.selector.matchLabels : {}).size() > 0) : true",
        "portLevelMtls needs a selector with matchLabels, for ports belong to workloads")
}
