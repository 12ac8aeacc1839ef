internal import InstallationValues
internal import KubernetesModel

/// A HorizontalPodAutoscaler of a Deployment. `autoscaling/v2` and `v2beta2` have the same shape.
func horizontalPodAutoscaler(
    _ metadata: Metadata, of deployment: String, scaling: Scaling, facts: ClusterFacts
) -> UnstructuredObject {
    let target: JSONValue = ["apiVersion": "apps/v1", "kind": "Deployment", "name": .string(deployment)]
    let metrics = [
        scaling.cpuUtilization.map { utilization(of: "cpu", percent: $0) },
        scaling.memoryUtilization.map { utilization(of: "memory", percent: $0) },
    ].compactMap { $0 }
    let spec = fields([
        "scaleTargetRef": target, "minReplicas": .integer(scaling.minimum), "maxReplicas": .integer(scaling.maximum),
        "metrics": JSONValue.array(metrics).nonEmpty, "behavior": scaling.behavior,
    ])
    return object(facts.horizontalPodAutoscalers, metadata, ["spec": spec])
}

private func utilization(of resource: String, percent: Int64) -> JSONValue {
    let target: JSONValue = ["type": "Utilization", "averageUtilization": .integer(percent)]
    return ["type": "Resource", "resource": ["name": .string(resource), "target": target]]
}

/// A PodDisruptionBudget. `rules` holds what it says besides its selector.
func podDisruptionBudget(
    _ metadata: Metadata, selector: [String: String], rules: JSONValue, facts: ClusterFacts
) -> UnstructuredObject {
    var spec = fields(["minAvailable": rules["minAvailable"]?.nonEmpty])
    if let share = rules["maxUnavailable"]?.nonEmpty {
        spec["maxUnavailable"] = share
        spec["minAvailable"] = nil
    }
    if facts.kubernetesMinor >= 27 {
        spec["unhealthyPodEvictionPolicy"] = rules["unhealthyPodEvictionPolicy"]?.nonEmpty
    }
    spec["selector"] = matchLabels(selector)
    return object(facts.podDisruptionBudgets, metadata, ["spec": spec])
}
