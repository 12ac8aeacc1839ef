internal import KubernetesModel

extension Schema {
    /// `values.gateways`.
    static let gatewaysValues = object([
        Field("enabled", boolean),
        Field("istio-egressgateway", object(gatewayFields)),
        Field("istio-ingressgateway", object(gatewayFields + ingressFields)),
        Field("seccompProfile", freeform),
        Field("securityContext", freeform),
    ])

    private static let gatewayFields = [
        Field("additionalContainers", list(freeform)),
        Field("affinity", affinity),
        Field("autoscaleEnabled", boolean),
        Field("autoscaleMax", count),
        Field("autoscaleMin", count),
        Field("configVolumes", list(freeform)),
        Field("cpu", utilization),
        Field("customService", boolean),
        Field("enabled", boolean),
        Field("env", map(scalar)),
        Field("externalIPs", strings),
        Field("injectionTemplate", string),
        Field("ipFamilies", strings),
        Field("ipFamilyPolicy", string),
        Field("labels", map(scalar)),
        Field("loadBalancerClass", string),
        Field("memory", utilization),
        Field("name", string),
        Field("nodeSelector", map(scalar)),
        Field("podAnnotations", map(scalar)),
        Field("podAntiAffinityLabelSelector", list(freeform)),
        Field("podAntiAffinityTermLabelSelector", list(freeform)),
        Field("ports", list(gatewayPort)),
        Field("replicaCount", count),
        Field("resources", resources),
        Field("rollingMaxSurge", integerOrString),
        Field("rollingMaxUnavailable", integerOrString),
        Field("runAsRoot", boolean),
        Field("secretVolumes", list(secretVolume)),
        Field("serviceAccount", object([Field("annotations", map(scalar))])),
        Field("serviceAnnotations", map(scalar)),
        Field("terminationGracePeriodSeconds", count),
        Field("tolerations", list(toleration)),
        Field("type", oneOf("", "ClusterIP", "NodePort", "LoadBalancer", "ExternalName")),
    ]

    private static let ingressFields = [
        Field("externalTrafficPolicy", oneOf("", "Cluster", "Local")),
        Field("ingressPorts", list(freeform)),
        Field("loadBalancerIP", string),
        Field("loadBalancerSourceRanges", strings),
    ]

    private static let gatewayPort = object([
        Field("name", string),
        Field("nodePort", integer(from: 0, to: 65535)),
        Field("port", port),
        Field("protocol", oneOf("TCP", "UDP", "SCTP")),
        Field("targetPort", integerOrString),
    ])

    private static let secretVolume = object([
        Field("mountPath", string),
        Field("name", string),
        Field("secretName", string),
    ])
}
