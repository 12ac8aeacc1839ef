internal import KubernetesModel

extension Schema {
    /// `values.global`.
    static let globalValues = object(globalFields, removed: formerGlobals)

    private static let globalFields = [
        Field("agentgateway", object([Field("image", string)])),
        Field("arch", map(count)),
        Field("caAddress", string),
        Field("caName", string),
        Field("certSigners", strings),
        Field("configCluster", boolean),
        Field("configValidation", boolean),
        Field("defaultNodeSelector", map(scalar)),
        Field("defaultPodDisruptionBudget", object([Field("enabled", boolean)])),
        Field("defaultResources", resources),
        Field("defaultTolerations", list(toleration)),
        Field("enableReaderRBAC", boolean),
        Field("externalIstiod", boolean),
        Field("hub", string),
        Field("imagePullPolicy", optionalImagePullPolicy),
        Field("imagePullSecrets", strings),
        Field("ipFamilies", strings),
        Field("ipFamilyPolicy", string),
        Field("istioNamespace", string),
        Field("istiod", object([Field("enableAnalysis", boolean)])),
        Field("jwtPolicy", string),
        Field("logAsJson", boolean),
        Field("logging", logging),
        Field("meshID", string),
        Field("meshNetworks", freeform),
        Field("mountMtlsCerts", boolean),
        Field("multiCluster", multiCluster),
        Field("nativeNftables", boolean),
        Field("network", string),
        Field("networkPolicy", object([Field("enabled", boolean)])),
        Field("omitSidecarInjectorConfigMap", boolean),
        Field("operatorManageWebhooks", boolean),
        Field("pilotCertProvider", string),
        Field("platform", string),
        Field("podDNSSearchNamespaces", strings),
        Field("priorityClassName", string),
        Field("proxy", proxy),
        Field("proxy_init", proxyInit),
        Field("remotePilotAddress", string),
        Field("resourceScope", oneOf("undefined", "all", "cluster", "namespace")),
        Field("revision", string),
        Field("sds", freeform),
        Field("sts", object([Field("servicePort", count)])),
        Field("tag", scalar),
        Field("tracer", map(freeform)),
        Field("trustBundleName", string),
        Field("variant", string),
        Field("waypoint", waypoint),
    ]

    static let optionalImagePullPolicy = oneOf("", "Always", "IfNotPresent", "Never")

    static let logging = object([Field("level", string)])

    private static let multiCluster = object([
        Field("clusterName", string),
        Field("enabled", boolean),
        Field("globalDomainSuffix", string),
        Field("includeEnvoyFilter", boolean),
    ])

    private static let proxy = object(proxyFields, removed: formerProxySettings)

    private static let proxyFields = [
        Field("autoInject", string),
        Field("clusterDomain", string),
        Field("componentLogLevel", string),
        Field("enableCoreDump", boolean),
        Field("excludeIPRanges", string),
        Field("excludeInboundPorts", string),
        Field("excludeOutboundPorts", string),
        Field("holdApplicationUntilProxyStarts", boolean),
        Field("image", string),
        Field("includeIPRanges", string),
        Field("includeInboundPorts", string),
        Field("includeOutboundPorts", string),
        Field("lifecycle", freeform),
        Field("logLevel", string),
        Field("outlierLogPath", string),
        Field("privileged", boolean),
        Field("readinessFailureThreshold", count),
        Field("readinessInitialDelaySeconds", count),
        Field("readinessPeriodSeconds", count),
        Field("resources", resources),
        Field("seccompProfile", freeform),
        Field("startupProbe", object([Field("enabled", boolean), Field("failureThreshold", count)])),
        Field("statusPort", integer(from: 0, to: 65535)),
        Field("tracer", oneOf("zipkin", "lightstep", "datadog", "stackdriver", "openCensusAgent", "none")),
    ]

    private static let proxyInit = object([
        Field("forceApplyIptables", boolean),
        Field("image", string),
        Field("resources", resources),
    ])

    private static let waypoint = object([
        Field("affinity", affinity),
        Field("nodeSelector", map(scalar)),
        Field("resources", resources),
        Field("toleration", list(toleration)),
        Field("tolerations", list(toleration)),
        Field("topologySpreadConstraints", list(freeform)),
    ])
}
