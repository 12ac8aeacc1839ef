internal import KubernetesModel

extension Schema {
    /// `values.cni`.
    static let nodeAgentValues = object([
        Field("affinity", affinity),
        Field("ambient", ambient),
        Field("chained", boolean),
        Field("cniBinDir", string),
        Field("cniConfDir", string),
        Field("cniConfFileName", string),
        Field("cniNetnsDir", string),
        Field("daemonSetLabels", map(scalar)),
        Field("enabled", boolean),
        Field("env", map(scalar)),
        Field("excludeNamespaces", strings),
        Field("hub", string),
        Field("image", string),
        Field("istioOwnedCNIConfig", boolean),
        Field("istioOwnedCNIConfigFileName", string),
        Field("logLevel", string),
        Field("logging", logging),
        Field("podAnnotations", map(scalar)),
        Field("podLabels", map(scalar)),
        Field("privileged", boolean),
        Field("provider", oneOf("", "default", "multus")),
        Field("psp_cluster_role", string),
        Field("pullPolicy", optionalImagePullPolicy),
        Field("repair", repair),
        Field("resourceQuotas", resourceQuotas),
        Field("resource_quotas", resourceQuotas),
        Field("resources", resources),
        Field("rollingMaxUnavailable", integerOrString),
        Field("seLinuxOptions", freeform),
        Field("seccompProfile", freeform),
        Field("tag", scalar),
        Field("tolerations", list(toleration)),
        Field("updateStrategy", freeform),
        Field("useAppArmorAnnotation", boolean),
        Field("variant", string),
    ])

    private static let ambient = object([
        Field("configDir", string),
        Field("dnsCapture", boolean),
        Field("enableAmbientDetectionRetry", boolean),
        Field("enabled", boolean),
        Field("ipv6", boolean),
        Field("reconcileIptablesOnStartup", boolean),
        Field("shareHostNetworkNamespace", boolean),
    ])

    private static let resourceQuotas = object([Field("enabled", boolean), Field("pods", count)])

    private static let repair = object([
        Field("brokenPodLabelKey", string),
        Field("brokenPodLabelValue", string),
        Field("createEvents", string),
        Field("deletePods", boolean),
        Field("enabled", boolean),
        Field("hub", string),
        Field("image", string),
        Field("initContainerName", string),
        Field("labelPods", boolean),
        Field("repairPods", boolean),
        Field("tag", scalar),
    ])
}
