internal import KubernetesModel

extension Schema {
    /// `k8s` of a component: what is laid over its Kubernetes objects.
    static let kubernetesOverrides = object([
        Field("affinity", affinity, "Which nodes the Pods prefer or need, and which Pods they keep near or away from."),
        Field("env", list(environmentVariable), "Environment variables of the component's main container, by name."),
        Field("hpaSpec", autoscaler, "The HorizontalPodAutoscaler of the component."),
        Field("imagePullPolicy", imagePullPolicy, "When nodes pull the component's image."),
        Field("nodeSelector", stringMap, "Labels that a node needs to run the Pods."),
        Field("podAnnotations", stringMap, "Annotations of the Pods."),
        Field("podDisruptionBudget", disruptionBudget, "How many Pods may be missing while nodes are drained."),
        Field("priorityClassName", string, "The PriorityClass of the Pods."),
        Field("readinessProbe", probe, "When a Pod counts as ready."),
        Field("replicaCount", count, "How many Pods run. Without effect where an HPA decides."),
        Field("resources", resources, "What the main container asks of its node, and where its limits are."),
        Field("securityContext", podSecurityContext, "The security context of the Pods."),
        Field("service", service, "The Service of the component. Its ports replace the profile's."),
        Field("serviceAnnotations", stringMap, "Annotations of the Service."),
        Field("strategy", strategy, "How Pods are replaced when the component changes."),
        Field("tolerations", list(toleration), "Taints that do not keep the Pods from a node."),
        Field("volumes", list(volume), "Volumes added to the Pods, by name."),
        Field("volumeMounts", list(volumeMount), "Mounts added to the main container, by path."),
        Field("overlays", list(overlay), "Changes to any object of the component by field path, applied last."),
    ])

    static let imagePullPolicy = oneOf("Always", "IfNotPresent", "Never")

    private static let overlay = object([
        Field("apiVersion", string, "For the reader; objects are found by kind and name."),
        Field("kind", string, "Kind of the object.", required: true),
        Field("name", string, "Name of the object.", required: true),
        Field("patches", list(patch), "Changes, made in this order."),
    ])

    private static let patch = object([
        Field(
            "path", string,
            "Which field: names joined by dots (a dot in a name is written \\.), list elements as [key:value], "
                + "[:value] or [index].", required: true),
        Field("value", anything, "The new value. Null, or none: the field is removed."),
    ])

    static let toleration = object([
        Field("key", string, "Key of the taint; none with operator Exists stands for every taint."),
        Field("operator", oneOf("Exists", "Equal", "Lt", "Gt"), "How the value is compared. Default: Equal."),
        Field("value", string, "Value of the taint."),
        Field("effect", oneOf("NoSchedule", "PreferNoSchedule", "NoExecute"), "Effect of the taint. Default: any."),
        Field("tolerationSeconds", integer, "Seconds that a Pod may stay after a NoExecute taint appears."),
    ])

    static let resources = object([
        Field("requests", map(quantity), "What is set aside on the node."),
        Field("limits", map(quantity), "What must not be exceeded."),
        Field("claims", list(freeform), "Claims of the Pod that the container uses."),
    ])

    static let disruptionBudget = object([
        Field("minAvailable", integerOrString, "How many Pods, or which share of them, must stay."),
        Field("maxUnavailable", integerOrString, "How many Pods, or which share of them, may be missing."),
        Field("selector", labelSelector, "Which Pods count. Default: the component's."),
        Field(
            "unhealthyPodEvictionPolicy", oneOf("IfHealthyBudget", "AlwaysAllow"),
            "Whether Pods that are not ready may be evicted at any time."),
    ])

    static let labelSelector = object([
        Field("matchLabels", stringMap, "Labels that must be equal."),
        Field(
            "matchExpressions", list(labelCondition.opaqueToServer), "Conditions on labels that must all hold."),
    ])

    static let strategy = object([
        Field("type", oneOf("RollingUpdate", "Recreate", "OnDelete"), "How old Pods make way for new ones."),
        Field(
            "rollingUpdate",
            object([
                Field("maxSurge", integerOrString, "How many Pods may run beyond the wanted number."),
                Field("maxUnavailable", integerOrString, "How many Pods of the wanted number may be missing."),
            ]), "The pace of a rolling update."),
    ])
}
