import KubernetesClient
import KubernetesModel

/// Objects that the client's tests write.
func configMap(
    _ name: String, in namespace: String, _ data: [String: String] = [:], labels: [String: String] = [:]
) -> UnstructuredObject {
    var object: JSONValue = [
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": ["name": .string(name), "namespace": .string(namespace)],
    ]
    if !data.isEmpty { object["data"] = JSONValue(data) }
    if !labels.isEmpty { object["metadata", "labels"] = JSONValue(labels) }
    return UnstructuredObject(object)
}

/// A Deployment with two containers' worth of fields; its Pods never run, there is no node.
func deployment(_ name: String, in namespace: String, replicas: Int64? = nil) -> UnstructuredObject {
    var object: JSONValue = [
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": ["name": .string(name), "namespace": .string(namespace)],
        "spec": [
            "selector": ["matchLabels": ["app": .string(name)]],
            "template": [
                "metadata": ["labels": ["app": .string(name)]],
                "spec": ["containers": [["name": "main", "image": "example.com/main:1"]]],
            ],
        ],
    ]
    if let replicas { object["spec", "replicas"] = .integer(replicas) }
    return UnstructuredObject(object)
}
