/// What became of values that releases before Istio 1.10 knew and that still stand in many files.
let formerGlobals = [
    "certificates": "set meshConfig.certificates",
    "controlPlaneSecurityEnabled": "the control plane is always reached over TLS; remove it",
    "disablePolicyChecks": mixerIsGone,
    "enableTracing": "set meshConfig.enableTracing",
    "localityLbSetting": "set meshConfig.localityLbSetting",
    "meshExpansion": "install an east-west gateway instead",
    "mtls": "write a PeerAuthentication, or set meshConfig.enableAutoMtls",
    "oneNamespace": "set meshConfig.discoverySelectors to the namespaces to look at",
    "outboundTrafficPolicy": "set meshConfig.outboundTrafficPolicy",
    "policyCheckFailOpen": mixerIsGone,
    "trustDomain": "set meshConfig.trustDomain",
    "trustDomainAliases": "set meshConfig.trustDomainAliases",
    "useMCP": "the Mesh Configuration Protocol is gone; set meshConfig.configSources",
]

/// The same below `proxy`.
let formerProxySettings = [
    "accessLogEncoding": "set meshConfig.accessLogEncoding",
    "accessLogFile": "set meshConfig.accessLogFile",
    "accessLogFormat": "set meshConfig.accessLogFormat",
    "concurrency": "set meshConfig.defaultConfig.concurrency",
    "dnsRefreshRate": "set meshConfig.dnsRefreshRate",
    "envoyAccessLogService": "name it in meshConfig.extensionProviders",
    "envoyMetricsService": "set meshConfig.defaultConfig.envoyMetricsService",
    "protocolDetectionTimeout": "set meshConfig.protocolDetectionTimeout",
]

private let mixerIsGone = "the Mixer components were removed in Istio 1.8; remove it"
