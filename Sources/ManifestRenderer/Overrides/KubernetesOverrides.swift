internal import InstallationValues
internal import IstioAPI
internal import KubernetesModel

/// The objects of one component that its `k8s` overrides change.
struct OverrideTarget {
    /// What runs its Pods.
    enum Workload: String {
        case deployment = "Deployment"
        case daemonSet = "DaemonSet"
    }

    var component: Component
    var workload = Workload.deployment
    /// Namespace and name of its workload, Service, HorizontalPodAutoscaler and PodDisruptionBudget.
    var key: ObjectKey
    /// Name of the container that the overrides are about.
    var container: String
    /// Whether `service.ports` has already been taken over by the component itself.
    var ownsServicePorts = false
    /// Whether no autoscaler decides the number of replicas.
    var replicasAreFree = false
    /// Path of the overrides, such as `spec.components.pilot.k8s`.
    var path: String
}

/// The `k8s` overrides of a component as one patch for each kind.
func overridePatches(
    _ overrides: JSONValue, for target: OverrideTarget, _ diagnostics: inout [Diagnostic]
) -> [String: JSONValue] {
    var workload: JSONValue = [:]
    var container: JSONValue = [:]
    var patches: [String: JSONValue] = [:]
    let runsOnEachNode = target.workload == .daemonSet
    for (field, value) in (overrides.object ?? [:]).sorted(by: { $0.key < $1.key }) {
        switch field {
        case "hpaSpec", "podDisruptionBudget", "replicaCount", "service", "serviceAnnotations":
            guard runsOnEachNode, value.nonEmpty != nil else { break }
            diagnostics.append(
                Diagnostic(
                    .warning, path: "\(target.path).\(field)",
                    message: "has no effect: \(target.key.name) runs once on each node and has no Service"))
            continue
        default: break
        }
        switch field {
        case "affinity", "nodeSelector", "priorityClassName", "tolerations", "securityContext", "volumes":
            workload["spec", "template", "spec", field] = value
        case "podAnnotations": workload["spec", "template", "metadata", "annotations"] = value.scalarsAsText
        case "replicaCount": if target.replicasAreFree { workload["spec", "replicas"] = value }
        case "strategy": workload["spec", runsOnEachNode ? "updateStrategy" : "strategy"] = value
        case "env", "imagePullPolicy", "readinessProbe", "resources", "volumeMounts": container[field] = value
        case "hpaSpec": patches["HorizontalPodAutoscaler"] = ["spec": currentAutoscalerSpec(value)]
        case "podDisruptionBudget": patches["PodDisruptionBudget"] = ["spec": exclusiveBudget(value)]
        case "service", "serviceAnnotations": continue
        case "overlays": continue
        default:
            diagnostics.append(
                Diagnostic(
                    path: "\(target.path).\(field)", message: unknownOverride(field)))
        }
    }
    if container != [:] {
        container["name"] = .string(target.container)
        workload["spec", "template", "spec", "containers"] = [container]
    }
    if workload != [:] { patches[target.workload.rawValue] = workload }
    patches["Service"] = servicePatch(overrides, target)
    return patches
}

private func servicePatch(_ overrides: JSONValue, _ target: OverrideTarget) -> JSONValue? {
    var patch: JSONValue = [:]
    if var spec = overrides["service"]?.nonEmpty {
        if target.ownsServicePorts { spec["ports"] = nil }
        patch["spec"] = spec.nonEmpty
    }
    patch["metadata", "annotations"] = overrides["serviceAnnotations"]?.scalarsAsText
    return patch.nonEmpty
}

/// An autoscaler's spec as `autoscaling/v2` has it, with metrics that were written for `v2beta1` brought over.
private func currentAutoscalerSpec(_ spec: JSONValue) -> JSONValue {
    guard let metrics = spec["metrics"]?.array else { return spec }
    var spec = spec
    spec["metrics"] = .array(metrics.map(currentMetric))
    return spec
}

private func currentMetric(_ metric: JSONValue) -> JSONValue {
    guard var resource = metric["resource"] else { return metric }
    if let share = resource["targetAverageUtilization"] {
        resource["target"] = ["type": "Utilization", "averageUtilization": share]
    } else if let amount = resource["targetAverageValue"] {
        resource["target"] = ["type": "AverageValue", "averageValue": amount]
    } else {
        return metric
    }
    resource["targetAverageUtilization"] = nil
    resource["targetAverageValue"] = nil
    var metric = metric
    metric["resource"] = resource
    return metric
}

/// Kubernetes takes one of the two bounds: `maxUnavailable` puts the built-in `minAvailable` aside, and wins over one
/// that stands beside it.
private func exclusiveBudget(_ budget: JSONValue) -> JSONValue {
    guard let share = budget["maxUnavailable"], !share.isNull else { return budget }
    var budget = budget
    budget["minAvailable"] = .null
    return budget
}

private let knownOverrides = [
    "affinity", "env", "hpaSpec", "imagePullPolicy", "nodeSelector", "overlays", "podAnnotations",
    "podDisruptionBudget", "priorityClassName", "readinessProbe", "replicaCount", "resources", "securityContext",
    "service", "serviceAnnotations", "strategy", "tolerations", "volumeMounts", "volumes",
]

private func unknownOverride(_ field: String) -> String {
    let hint = Spelling.nearest(to: field, among: knownOverrides).map { "; did you mean \($0)?" } ?? ""
    return "is no override\(hint)"
}

extension JSONValue {
    /// This map with numbers and booleans as text, which annotations have to be.
    var scalarsAsText: JSONValue {
        guard let object else { return self }
        return .object(object.mapValues { $0.scalarText.map(JSONValue.string) ?? $0 })
    }
}
