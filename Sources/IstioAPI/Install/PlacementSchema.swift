internal import KubernetesModel

/// Where Pods may run. The API server sees objects of unknown fields, which keeps the CRD small: faults inside are left
/// to our messages.
extension Schema {
    static let affinity = object([
        Field("nodeAffinity", nodeAffinity.opaqueToServer, "Rules about labels of nodes."),
        Field("podAffinity", podAffinity.opaqueToServer, "Pods to be near."),
        Field("podAntiAffinity", podAffinity.opaqueToServer, "Pods to be away from."),
    ])

    /// A condition on the labels of Pods or namespaces.
    static let labelCondition = condition(oneOf("In", "NotIn", "Exists", "DoesNotExist"))

    private static let nodeAffinity = object([
        Field("requiredDuringSchedulingIgnoredDuringExecution", nodeSelector),
        Field(
            "preferredDuringSchedulingIgnoredDuringExecution",
            list(object([weight, Field("preference", nodeSelectorTerm, required: true)]))),
    ])

    private static let nodeSelector = object([
        Field("nodeSelectorTerms", list(nodeSelectorTerm), required: true)
    ])

    private static let nodeSelectorTerm = object([
        Field("matchExpressions", list(nodeCondition)),
        Field("matchFields", list(nodeCondition)),
    ])

    private static let nodeCondition = condition(oneOf("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"))

    private static let podAffinity = object([
        Field("requiredDuringSchedulingIgnoredDuringExecution", list(podAffinityTerm)),
        Field(
            "preferredDuringSchedulingIgnoredDuringExecution",
            list(object([weight, Field("podAffinityTerm", podAffinityTerm, required: true)]))),
    ])

    private static let podAffinityTerm = object([
        Field("labelSelector", labelSelector),
        Field("matchLabelKeys", strings),
        Field("mismatchLabelKeys", strings),
        Field("namespaceSelector", labelSelector),
        Field("namespaces", strings),
        Field("topologyKey", string, required: true),
    ])

    private static let weight = Field("weight", integer(from: 1, to: 100), required: true)

    private static func condition(_ operators: Schema) -> Schema {
        object([
            Field("key", string, required: true),
            Field("operator", operators, required: true),
            Field("values", strings),
        ])
    }
}
