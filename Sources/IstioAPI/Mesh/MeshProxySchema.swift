package import KubernetesModel

extension Schema {
    /// `meshConfig.defaultConfig`: settings that proxies are started with.
    package static let meshProxyConfig = object(
        processFields + addressFields + telemetryFields + identityFields,
        removed: [
            "connectTimeout": "it is a setting of the mesh: meshConfig.connectTimeout",
            "accessLogFile": "it is a setting of the mesh: meshConfig.accessLogFile",
            "accessLogEncoding": "it is a setting of the mesh: meshConfig.accessLogEncoding",
            "accessLogFormat": "it is a setting of the mesh: meshConfig.accessLogFormat",
        ])

    static let meshTCPKeepalive = object([
        Field("interval", durationOrNone, "Time between probes."),
        Field("probes", count, "Probes without answer until the connection counts as lost."),
        Field("time", durationOrNone, "Idle time before the first probe."),
    ])

    /// How a proxy's own calls are secured.
    static let meshClientTLS = object([
        Field("caCertificates", string),
        Field("caCrl", string),
        Field("clientCertificate", string),
        Field("credentialName", string),
        Field("insecureSkipVerify", boolean),
        Field("mode", oneOf("DISABLE", "SIMPLE", "MUTUAL", "ISTIO_MUTUAL")),
        Field("privateKey", string),
        Field("sni", string),
        Field("subjectAltNames", strings),
    ])
}

private let processFields: [Schema.Field] = [
    .init("binaryPath", .string, "The proxy's program."),
    .init("concurrency", .count, "Worker threads. 0: one for each processor."),
    .init("configPath", .string, "Folder that the agent writes the proxy's configuration to."),
    .init("connectionSettings", .freeform, "How connections are handled."),
    .init("customConfigFile", .string, "A configuration file to use instead of the generated one."),
    .init("drainDuration", .durationOrNone, "How long connections are drained at a hot restart. Default: 45s."),
    .init("fileFlushInterval", .durationOrNone, "How often log files are written out."),
    .init("fileFlushMinSizeKb", .count, "How much is gathered before log files are written out."),
    .init("gatewayTopology", gatewayTopology, "What stands in front of the gateways."),
    .init("holdApplicationUntilProxyStarts", .boolean, "Whether the application waits for its proxy."),
    .init(
        "image", .object([.init("imageType", .string)]), "Which variant of the proxy's image is used."),
    .init("interceptionMode", .oneOf("REDIRECT", "TPROXY", "NONE"), "How inbound traffic reaches the sidecar."),
    .init("parentShutdownDuration", .durationOrNone, "How long the old proxy lives at a hot restart. Default: 60s."),
    .init("proxyBootstrapTemplatePath", .string, "A template for the proxy's first configuration."),
    .init("proxyHeaders", .freeform, "Which headers proxies add."),
    .init("proxyMetadata", .map(.scalar), "Environment variables of the proxy's agent."),
    .init("readinessProbe", .freeform, "When a workload outside of Kubernetes is ready."),
    .init("runtimeValues", .map(.scalar), "Envoy's runtime flags."),
    .init("terminationDrainDuration", .durationOrNone, "How long a proxy drains before it ends. Default: 5s."),
]

private let addressFields: [Schema.Field] = [
    .init("availabilityZone", .string, "Deprecated."),
    .init("controlPlaneAuthPolicy", .oneOf("NONE", "MUTUAL_TLS", "INHERIT"), "How the control plane is called."),
    .init("discoveryAddress", .string, "The control plane, such as istiod.istio-system.svc:15012."),
    .init("discoveryRefreshDelay", .durationOrNone, "Deprecated."),
    .init("meshId", .string, "The mesh that this proxy belongs to."),
    .init("proxyAdminPort", .integer, "Port of Envoy's administration. Default: 15000."),
    .init("serviceCluster", .string, "The name of Envoy's cluster, in spans."),
    .init("statusPort", .integer, "Port of the agent's status. Default: 15020."),
    .init(
        "tracingServiceName",
        .oneOf("APP_LABEL_AND_NAMESPACE", "CANONICAL_NAME_ONLY", "CANONICAL_NAME_AND_NAMESPACE"),
        "How workloads are called in spans."),
]

private let telemetryFields: [Schema.Field] = [
    .init("envoyAccessLogService", remoteService, "The service that access logs are sent to."),
    .init("envoyMetricsService", remoteService, "The service that metrics are sent to."),
    .init("envoyMetricsServiceAddress", .string, "Deprecated."),
    .init("extraStatTags", .strings, "Further tags of metrics."),
    .init(
        "proxyStatsMatcher",
        .object([
            .init("inclusionPrefixes", .strings), .init("inclusionRegexps", .strings),
            .init("inclusionSuffixes", .strings),
        ]), "Envoy's own statistics that are kept."),
    .init("statNameLength", .integer, "Greatest length of a name in statistics. Default: 189."),
    .init("statsCompression", .boolean, "Whether metrics are compressed. Default: true."),
    .init("statsEvictionInterval", .durationOrNone, "How often unused statistics are forgotten."),
    .init("statsdUdpAddress", .string, "A StatsD listener that statistics are sent to."),
    .init("tracing", tracing, "Where spans are sent, and how many."),
    .init("zipkinAddress", .string, "Deprecated, for tracing.zipkin.address."),
]

private let identityFields: [Schema.Field] = [
    .init("caCertificatesPem", .strings, "Further roots that the proxy trusts."),
    .init("privateKeyProvider", .freeform, "Hardware that holds or uses private keys."),
    .init("sds", .freeform, "Deprecated."),
]

private let gatewayTopology = Schema.object([
    .init(
        "forwardClientCertDetails",
        .oneOf("UNDEFINED", "SANITIZE", "FORWARD_ONLY", "APPEND_FORWARD", "SANITIZE_SET", "ALWAYS_FORWARD_ONLY")),
    .init("numTrustedProxies", .count),
    .init("proxyProtocol", .freeform),
])

private let remoteService = Schema.object([
    .init("address", .string),
    .init("tcpKeepalive", .meshTCPKeepalive),
    .init("tlsSettings", .meshClientTLS),
])

private let tracing = Schema.object([
    .init("customTags", .map(.freeform)),
    .init("datadog", .object([.init("address", .string)])),
    .init("enableIstioTags", .boolean),
    .init("lightstep", .object([.init("accessToken", .string), .init("address", .string)])),
    .init("maxPathTagLength", .count),
    .init("openCensusAgent", .object([.init("address", .string), .init("context", .strings)])),
    .init("sampling", .number),
    .init("stackdriver", .freeform),
    .init("tlsSettings", .meshClientTLS),
    .init("zipkin", .object([.init("address", .string)])),
])
