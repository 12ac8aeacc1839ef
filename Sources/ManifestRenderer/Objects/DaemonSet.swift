internal import KubernetesModel

/// A DaemonSet: one Pod on each node.
func daemonSet(
    _ metadata: Metadata, selector: [String: String], updateStrategy: JSONValue, template: PodTemplate
) -> UnstructuredObject {
    let spec: JSONValue = [
        "selector": matchLabels(selector), "updateStrategy": updateStrategy, "template": template.json,
    ]
    return object(.daemonSets, metadata, ["spec": spec])
}

extension ClusterFacts {
    /// A DaemonSet's update strategy as this cluster knows it: before Kubernetes 1.22 no new Pod starts beside the old
    /// one on its node, so that one has to be away for a moment.
    func served(updateStrategy: JSONValue) -> JSONValue {
        guard kubernetesMinor < 22, updateStrategy["rollingUpdate", "maxSurge"] != nil else { return updateStrategy }
        var strategy = updateStrategy
        strategy["rollingUpdate"] = ["maxUnavailable": 1]
        return strategy
    }
}

/// A folder of the node. `type` says what has to be there, or is made: nil for nothing in particular.
func nodeFolder(_ name: String, _ path: String, type: String? = nil) -> JSONValue {
    [
        "name": .string(name),
        "hostPath": fields(["path": .string(path), "type": type.map(JSONValue.string)]),
    ]
}

/// A quota that lets so many Pods of a namespace be of the class that nodes can't do without. Some clouds admit them
/// nowhere else.
func criticalPodQuota(_ metadata: Metadata, pods: Int64) -> UnstructuredObject {
    let scope: JSONValue = [
        "operator": "In", "scopeName": "PriorityClass", "values": [.string(nodeCriticalClass)],
    ]
    let spec: JSONValue = [
        "hard": ["pods": .string(String(pods))], "scopeSelector": ["matchExpressions": [scope]],
    ]
    return object(.resourceQuotas, metadata, ["spec": spec])
}

/// Priority class of Pods that a node can't do without.
let nodeCriticalClass = "system-node-critical"
