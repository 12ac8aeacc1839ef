internal import KubernetesModel

extension Schema {
    /// How clients treat a service or a subset of it.
    static let trafficPolicy = object(
        trafficPolicyFields + [
            Field(
                "portLevelSettings", list(portTrafficPolicy).items(0...4096),
                "How single ports are treated; what is said there counts instead of what is said here."),
            Field("tunnel", tunnel, "Sends TCP and TLS connections through a proxy that opens tunnels."),
            Field("proxyProtocol", proxyProtocol, "Tells the client's address at the beginning of connections."),
            Field("retryBudget", retryBudget, "How many retries there may be, relative to requests under way."),
        ], unknown: .dropped)

    private static let portTrafficPolicy = object(
        [Field("port", portSelector, "The port of the service.")] + trafficPolicyFields, unknown: .dropped)

    private static let trafficPolicyFields: [Field] = [
        Field("loadBalancer", loadBalancer, "Which workload gets the next request."),
        Field("connectionPool", connectionPool, "How many connections and requests there may be."),
        Field("outlierDetection", outlierDetection, "When a workload that fails is left out for a while."),
        Field("tls", clientTLS, "TLS of connections to the service. Default: mutual TLS where it is possible."),
    ]

    private static let outlierDetection = object(
        [
            Field(
                "consecutive5xxErrors", uint32.nullable,
                "Failures in a row (status 5xx, or connection failures) that eject a workload. Default: 5; 0: none."),
            Field(
                "consecutiveGatewayErrors", uint32.nullable,
                "Gateway failures in a row (502, 503, 504) that eject a workload. Default: none do."),
            Field("consecutiveErrors", int32, "Former setting; use consecutive5xxErrors or consecutiveGatewayErrors."),
            Field(
                "consecutiveLocalOriginFailures", uint32.nullable,
                "Connection failures in a row that eject a workload, where they count by themselves. Default: 5."),
            Field(
                "splitExternalLocalOriginErrors", boolean,
                "Whether connection failures are counted apart from bad answers."),
            Field(
                "outlierDetectionHttpErrorCodes", list(integer(from: 100, to: 599)),
                "HTTP statuses that count as failures. Default: 5xx."),
            Field("interval", duration, "Time between two looks at the failures. Default: 10s."),
            Field("baseEjectionTime", duration, "Shortest ejection; each further one is longer. Default: 30s."),
            Field("maxEjectionPercent", int32, "Largest share of workloads that may be ejected. Default: 10."),
            Field(
                "minHealthPercent", int32,
                "Share of healthy workloads below which nobody is ejected any more. Default: 0."),
        ], unknown: .dropped)

    private static let clientTLS = object(
        [
            Field(
                "mode", oneOf("DISABLE", "SIMPLE", "MUTUAL", "ISTIO_MUTUAL"),
                "DISABLE: none; SIMPLE: the server has a certificate; MUTUAL: both have; ISTIO_MUTUAL: both have the "
                    + "mesh's own."),
            Field("clientCertificate", string, "File of the client's certificate chain, for MUTUAL."),
            Field("privateKey", string, "File of the client's private key, for MUTUAL."),
            Field("caCertificates", string, "File of the authorities that servers are checked against."),
            Field("caCrl", string, "File of certificates that are no longer valid."),
            Field("credentialName", string, "Secret with certificate, key and authorities, instead of files."),
            Field("subjectAltNames", strings, "Names of which the server's certificate must have one."),
            Field("sni", string, "Server name told in the handshake."),
            Field(
                "insecureSkipVerify", boolean.nullable,
                "Whether the server's certificate goes unchecked. Default: false."),
        ], unknown: .dropped)

    private static let tunnel = object(
        [
            Field("protocol", string, "CONNECT or POST. Default: CONNECT."),
            Field("targetHost", string, "Host that the proxy connects to.", required: true),
            Field("targetPort", uint32, "Port that the proxy connects to.", required: true),
        ], unknown: .dropped)

    private static let proxyProtocol = object(
        [Field("version", oneOf("V1", "V2"), "Version of the PROXY protocol. Default: V1.")], unknown: .dropped)

    private static let retryBudget = object(
        [
            Field("percent", nullablePercentage, "Retries per hundred requests under way. Default: 20."),
            Field("minRetryConcurrency", uint32, "Retries that may always be under way. Default: 3."),
            Field("budgetInterval", durationOrNone, "Time over which requests are counted. Default: those under way."),
        ], unknown: .dropped)
}
