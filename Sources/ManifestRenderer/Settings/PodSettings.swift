internal import InstallationValues
internal import KubernetesModel

/// What values say about the Pods of any workload.
struct PodSettings: Hashable, Sendable {
    var affinity: JSONValue?
    var nodeSelector: [String: String]
    var tolerations: [JSONValue]
    var topologySpreadConstraints: [JSONValue]
    var annotations: [String: String]
    /// Environment variables, by name.
    var environment: [String: String]
    var resources: JSONValue?
    /// Seconds; nil for Kubernetes' own default.
    var terminationGracePeriod: Int64?
}

extension PodSettings {
    init(reading values: inout ValuesReader) {
        affinity = values.map("affinity")
        nodeSelector = values.textMap("nodeSelector")
        tolerations = values.list("tolerations")
        topologySpreadConstraints = values.list("topologySpreadConstraints")
        annotations = values.textMap("podAnnotations")
        environment = values.textMap("env")
        resources = values.map("resources")
        terminationGracePeriod = values.integer("terminationGracePeriodSeconds")
    }
}
