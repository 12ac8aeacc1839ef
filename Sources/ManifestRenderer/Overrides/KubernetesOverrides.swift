internal import IstioAPI
internal import KubernetesModel

/// The objects of one component that its `k8s` overrides change.
struct OverrideTarget {
    /// Name of its Deployment, Service, HorizontalPodAutoscaler and PodDisruptionBudget.
    var name: String
    /// Name of the container that the overrides are about.
    var container: String
    /// Whether `service.ports` has already been taken over by the component itself.
    var ownsServicePorts: Bool
    /// Path of the overrides, such as `spec.components.pilot.k8s`.
    var path: String
}

/// The `k8s` overrides of a component as one patch for each kind.
///
/// - Parameter replicasAreFree: Whether no autoscaler decides the number of replicas.
func overridePatches(
    _ overrides: JSONValue, for target: OverrideTarget, replicasAreFree: Bool, _ diagnostics: inout [Diagnostic]
) -> [String: JSONValue] {
    var deployment: JSONValue = [:]
    var container: JSONValue = [:]
    var patches: [String: JSONValue] = [:]
    for (field, value) in (overrides.object ?? [:]).sorted(by: { $0.key < $1.key }) {
        switch field {
        case "affinity", "nodeSelector", "priorityClassName", "tolerations", "securityContext", "volumes":
            deployment["spec", "template", "spec", field] = value
        case "podAnnotations": deployment["spec", "template", "metadata", "annotations"] = value.scalarsAsText
        case "replicaCount": if replicasAreFree { deployment["spec", "replicas"] = value }
        case "strategy": deployment["spec", "strategy"] = value
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
        deployment["spec", "template", "spec", "containers"] = [container]
    }
    if deployment != [:] { patches["Deployment"] = deployment }
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
    let hint = nearest(to: field, among: knownOverrides).map { "; did you mean \($0)?" } ?? ""
    return "is no override\(hint)"
}

extension JSONValue {
    /// This map with numbers and booleans as text, which annotations have to be.
    fileprivate var scalarsAsText: JSONValue {
        guard let object else { return self }
        return .object(object.mapValues { $0.scalarText.map(JSONValue.string) ?? $0 })
    }
}
