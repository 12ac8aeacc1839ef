package import KubernetesModel

extension Schema {
    /// `meshConfig` of an IstioOperator and of its values: what holds for the whole mesh.
    package static let meshConfig = object(
        trafficFields + ingressFields + telemetryFields + identityFields + discoveryFields,
        removed: [
            "mixerCheckServer": noMixer, "mixerReportServer": noMixer, "mixerAddress": noMixer,
            "disablePolicyChecks": noMixer, "disableMixerHttpReports": noMixer, "policyCheckFailOpen": noMixer,
            "enableClientSidePolicyCheck": noMixer, "sidecarToTelemetrySessionAffinity": noMixer,
            "disableReportBatch": noMixer, "reportBatchMaxEntries": noMixer, "reportBatchMaxTime": noMixer,
            "authPolicy": "mutual TLS is set by a PeerAuthentication of the root namespace",
            "sdsUdsPath": noSecretAgent, "sdsRefreshDelay": noSecretAgent, "enableSdsTokenMount": noSecretAgent,
            "sdsUseK8sSaJwt": noSecretAgent, "rdsRefreshDelay": "proxies are told changes as they happen",
            "terminationDrainDuration": "it is a setting of proxies: defaultConfig.terminationDrainDuration",
            "thriftConfig": "rate limits for Thrift are set with an EnvoyFilter",
        ])
}

private let noMixer = "the Mixer components were removed in Istio 1.8"
private let noSecretAgent = "proxies get their certificates from their own agent since Istio 1.5"

private let trafficFields: [Schema.Field] = [
    .init("connectTimeout", .duration, "How long proxies wait for a connection. Default: 10s."),
    .init("defaultHttpRetryPolicy", .httpRetries, "How HTTP requests are retried where no route says so."),
    .init("dnsRefreshRate", .duration, "How often proxies resolve names again. Default: 60s."),
    .init("h2UpgradePolicy", .oneOf("DO_NOT_UPGRADE", "UPGRADE"), "Whether HTTP/1.1 becomes HTTP/2 between proxies."),
    .init("hboneIdleTimeout", .durationOrNone, "How long an idle tunnel between ambient proxies is kept."),
    .init(
        "inboundTrafficPolicy", .object([.init("mode", .oneOf("PASSTHROUGH", "LOCALHOST"))]),
        "Which address of their Pod sidecars call."),
    .init("localityLbSetting", .freeform, "How near endpoints are preferred, and what takes their place."),
    .init(
        "outboundTrafficPolicy",
        .object([
            .init("mode", .oneOf("REGISTRY_ONLY", "ALLOW_ANY", "ALLOW_ANY_DYNAMIC_DNS")),
            .init("tls", .freeform),
        ]), "What happens to calls of hosts that the mesh does not know. Default: ALLOW_ANY."),
    .init(
        "pathNormalization",
        .object([
            .init(
                "normalization", .oneOf("DEFAULT", "NONE", "BASE", "MERGE_SLASHES", "DECODE_AND_MERGE_SLASHES"))
        ]), "How paths of requests are normalized before rules are looked up."),
    .init("protocolDetectionTimeout", .durationOrNone, "How long proxies wait to tell a protocol. 0s waits on."),
    .init("proxyHttpPort", .integer, "Port on which sidecars are an HTTP proxy."),
    .init("proxyInboundListenPort", .integer, "Port of sidecars for traffic to their Pod. Default: 15006."),
    .init("proxyListenPort", .integer, "Port of sidecars for traffic of their Pod. Default: 15001."),
    .init("tcpKeepalive", .meshTCPKeepalive, "When idle connections are probed."),
]

private let ingressFields: [Schema.Field] = [
    .init("ingressClass", .string, "The class of Ingresses that are served."),
    .init(
        "ingressControllerMode", .oneOf("UNSPECIFIED", "OFF", "DEFAULT", "STRICT"),
        "Whether Ingresses without a class are served too. Default: STRICT."),
    .init("ingressSelector", .string, "The value of label istio of the gateway that serves Ingresses."),
    .init("ingressService", .string, "The Service of the gateway that serves Ingresses."),
]

private let telemetryFields: [Schema.Field] = [
    .init("accessLogEncoding", .oneOf("TEXT", "JSON"), "How access log entries are written. Default: TEXT."),
    .init("accessLogFile", .string, "Where proxies write their access log, such as /dev/stdout. Empty: nowhere."),
    .init("accessLogFormat", .string, "The format of access log entries."),
    .init(
        "defaultProviders",
        .object([.init("accessLogging", .strings), .init("metrics", .strings), .init("tracing", .strings)]),
        "Extension providers that are used where no Telemetry names any."),
    .init("disableEnvoyListenerLog", .boolean, "Whether connections without a route are left out of the log."),
    .init("enableEnvoyAccessLogService", .boolean, "Whether access logs are sent to a service."),
    .init("enablePrometheusMerge", .boolean, "Whether agents serve the application's metrics with their own."),
    .init("enableTracing", .boolean, "Whether proxies report spans."),
    .init(
        "extensionProviders", .list(.meshExtensionProvider), "Services that policies and telemetry refer to by name."),
    .init("inboundClusterStatName", .string, "Pattern of statistics' names for inbound traffic."),
    .init("outboundClusterStatName", .string, "Pattern of statistics' names for outbound traffic."),
]

private let identityFields: [Schema.Field] = [
    .init("ca", .freeform, "A certificate authority that signing requests are passed on to."),
    .init(
        "caCertificates",
        .list(
            .object([
                .init("certSigners", .strings), .init("pem", .string), .init("spiffeBundleUrl", .string),
                .init("trustDomains", .strings),
            ])), "Further roots that workloads trust."),
    .init("certificates", .list(.freeform), "Certificates that the control plane makes for others. Deprecated."),
    .init("enableAutoMtls", .boolean, "Whether clients use mutual TLS wherever the server can. Default: true."),
    .init("meshMTLS", tlsVersions, "TLS versions and ciphers between workloads."),
    .init("tlsDefaults", tlsVersions, "Curves and ciphers of all TLS that is not between workloads."),
    .init("trustDomain", .string, "The trust domain of the mesh's identities. Default: cluster.local."),
    .init("trustDomainAliases", .strings, "Other names of the trust domain."),
    .init("verifyCertificateAtClient", .boolean, "Whether clients verify servers by default. Deprecated."),
]

private let discoveryFields: [Schema.Field] = [
    .init("configSources", .list(.freeform), "Where configuration comes from."),
    .init("defaultConfig", .meshProxyConfig, "Settings of all proxies, read as they start."),
    .init("defaultDestinationRuleExportTo", .strings, "Namespaces that see DestinationRules without exportTo."),
    .init("defaultServiceExportTo", .strings, "Namespaces that see services without exportTo."),
    .init("defaultVirtualServiceExportTo", .strings, "Namespaces that see VirtualServices without exportTo."),
    .init("discoverySelectors", .list(.labelSelector), "Namespaces that the control plane looks at. Default: all."),
    .init("rootNamespace", .string, "The namespace whose configuration holds for all."),
    .init("serviceScopeConfigs", .list(.freeform), "Which services other clusters see, in ambient mode."),
    .init(
        "serviceSettings",
        .list(.object([.init("hosts", .strings), .init("settings", .object([.init("clusterLocal", .boolean)]))])),
        "Services that stay within their cluster."),
]

private let tlsVersions = Schema.object([
    .init("cipherSuites", .strings),
    .init("ecdhCurves", .strings),
    .init("minProtocolVersion", .oneOf("TLS_AUTO", "TLSV1_2", "TLSV1_3")),
])
