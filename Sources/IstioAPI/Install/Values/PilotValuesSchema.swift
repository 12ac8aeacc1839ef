internal import KubernetesModel

extension Schema {
    /// `values.pilot`.
    static let pilotValues = object([
        Field("affinity", affinity),
        Field("autoscaleBehavior", freeform),
        Field("autoscaleEnabled", boolean),
        Field("autoscaleMax", count),
        Field("autoscaleMin", count),
        Field("cni", nodeAgentUse),
        Field("configMap", boolean),
        Field("cpu", utilization),
        Field("crlConfigMapName", string),
        Field("deploymentLabels", map(scalar)),
        Field("enabled", boolean),
        Field("env", map(scalar)),
        Field("envVarFrom", list(environmentVariable)),
        Field("extraContainerArgs", list(scalar)),
        Field("hub", string),
        Field("image", string),
        Field("ipFamilies", strings),
        Field("ipFamilyPolicy", string),
        Field("istiodRemote", remoteControlPlane),
        Field("jwksResolverExtraRootCA", string),
        Field("keepaliveMaxServerConnectionAge", string),
        Field("memory", utilization),
        Field("nodeSelector", map(scalar)),
        Field("podAnnotations", map(scalar)),
        Field("podLabels", map(scalar)),
        Field("replicaCount", count),
        Field("resources", resources),
        Field("rollingMaxSurge", integerOrString),
        Field("rollingMaxUnavailable", integerOrString),
        Field("seccompProfile", freeform),
        Field("serviceAccountAnnotations", map(scalar)),
        Field("serviceAnnotations", map(scalar)),
        Field("tag", scalar),
        Field(
            "taint",
            object([Field("enabled", boolean), Field("name", string), Field("namespace", string)])),
        Field("terminationGracePeriodSeconds", count),
        Field("tolerations", list(toleration)),
        Field("topologySpreadConstraints", list(freeform)),
        Field("traceSampling", number),
        Field("trustedZtunnelName", string),
        Field("trustedZtunnelNamespace", string),
        Field("variant", string),
        Field("volumeMounts", list(volumeMount)),
        Field("volumes", list(volume)),
    ])

    static let utilization = object([Field("targetAverageUtilization", integer(from: 1))])

    static let nodeAgentUse = object([
        Field("chained", boolean),
        Field("enabled", boolean),
        Field("provider", string),
    ])

    static let remoteControlPlane = object([
        Field("enabled", boolean),
        Field("enabledLocalInjectorIstiod", boolean),
        Field("injectionCABundle", string),
        Field("injectionPath", string),
        Field("injectionURL", string),
    ])
}
