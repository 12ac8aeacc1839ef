internal import KubernetesModel

extension Schema {
    static let service = object([
        Field("type", oneOf("ClusterIP", "NodePort", "LoadBalancer", "ExternalName"), "How the Service is reached."),
        Field("ports", list(servicePort), "The ports; they replace the profile's."),
        Field("selector", stringMap, "Labels of the Pods behind it, laid over its own."),
        Field("clusterIP", string, "Its virtual address, or None."),
        Field("clusterIPs", strings, "Its virtual addresses, one of each IP family."),
        Field("externalIPs", strings, "Further addresses that nodes accept traffic for."),
        Field("externalName", string, "The DNS name that an ExternalName Service stands for."),
        Field("externalTrafficPolicy", oneOf("Cluster", "Local"), "Whether nodes pass outside traffic on."),
        Field("internalTrafficPolicy", oneOf("Cluster", "Local"), "Whether inside traffic may leave its node."),
        Field("trafficDistribution", string, "Which endpoints are preferred."),
        Field("healthCheckNodePort", integer, "Node port on which load balancers ask for local endpoints."),
        Field("ipFamilies", list(oneOf("IPv4", "IPv6")), "IP families, in order of preference."),
        Field("ipFamilyPolicy", ipFamilyPolicy, "Whether one IP family is served or two."),
        Field("loadBalancerClass", string, "Which implementation provides the load balancer."),
        Field("loadBalancerIP", string, "The address asked of the load balancer."),
        Field("loadBalancerSourceRanges", strings, "Address ranges that may reach the load balancer."),
        Field("allocateLoadBalancerNodePorts", boolean, "Whether a load balancer gets node ports."),
        Field("publishNotReadyAddresses", boolean, "Whether Pods that are not ready are listed."),
        Field("sessionAffinity", oneOf("None", "ClientIP"), "Whether a client keeps its Pod."),
        Field(
            "sessionAffinityConfig",
            object([Field("clientIP", object([Field("timeoutSeconds", integer(from: 1, to: 86400))]))]).opaqueToServer,
            "For how long a client keeps its Pod."),
    ])

    static let ipFamilyPolicy = oneOf("SingleStack", "PreferDualStack", "RequireDualStack")

    private static let servicePort = object([
        Field("name", string, "Name of the port; it tells the protocol, as in http2 or https-admin."),
        Field("port", port, "The Service's port.", required: true),
        Field("targetPort", integerOrString, "The Pods' port, or its name. Default: the same as `port`."),
        Field("nodePort", integer(from: 0, to: 65535), "The nodes' port."),
        Field("protocol", oneOf("TCP", "UDP", "SCTP"), "Transport protocol. Default: TCP."),
        Field("appProtocol", string, "Application protocol, where the name does not tell it."),
    ])

    static let autoscaler = object([
        Field("minReplicas", count, "Pods that always run."),
        Field("maxReplicas", integer(from: 1), "Pods that never are exceeded."),
        Field("metrics", list(metric), "What the number of Pods follows. It replaces the profile's."),
        Field("behavior", autoscalerBehavior.opaqueToServer, "How fast the number goes up and down."),
        Field(
            "scaleTargetRef",
            object([
                Field("apiVersion", string, "Group and version of the target."),
                Field("kind", string, "Kind of the target."),
                Field("name", string, "Name of the target."),
            ]), "What is scaled. Default: the component's Deployment."),
    ])

    private static let autoscalerBehavior = object([
        Field("scaleDown", scalingRules), Field("scaleUp", scalingRules),
    ])

    private static let scalingRules = object([
        Field(
            "policies",
            list(
                object([
                    Field("periodSeconds", integer(from: 1, to: 1800), required: true),
                    Field("type", oneOf("Pods", "Percent"), required: true),
                    Field("value", integer(from: 1), required: true),
                ]))),
        Field("selectPolicy", oneOf("Max", "Min", "Disabled")),
        Field("stabilizationWindowSeconds", integer(from: 0, to: 3600)),
        Field("tolerance", quantity),
    ])

    /// With the targets of `autoscaling/v2`, and those that specs of years ago have.
    private static func metricResource(_ further: [Field] = []) -> Schema {
        object(
            further + [
                Field("name", string, required: true),
                Field(
                    "target",
                    object([
                        Field("averageUtilization", integer(from: 1)),
                        Field("averageValue", quantity),
                        Field("type", oneOf("Utilization", "Value", "AverageValue"), required: true),
                        Field("value", quantity),
                    ])),
                Field("targetAverageUtilization", integer(from: 1)),
                Field("targetAverageValue", quantity),
            ])
    }

    private static let metric = object(
        [
            Field(
                "type", oneOf("Resource", "ContainerResource", "Pods", "Object", "External"), "Kind of metric.",
                required: true),
            Field("resource", metricResource().opaqueToServer, "A resource of the Pods, such as cpu, with its target."),
            Field(
                "containerResource",
                metricResource([Field("container", string, required: true)]).opaqueToServer,
                "A resource of one container, with its target."),
            Field("pods", freeform, "A metric of each Pod, with its target."),
            Field("object", freeform, "A metric of another object, with its target."),
            Field("external", freeform, "A metric from outside the cluster, with its target."),
        ])
}
