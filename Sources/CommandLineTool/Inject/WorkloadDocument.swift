import KubernetesModel
import SidecarInjector

/// A workload of a file, and where it describes its Pods.
struct WorkloadDocument {
    var object: UnstructuredObject
    /// The fields that lead to the Pod's `metadata` and `spec`.
    private var steps: [String]

    /// Nil if it is no workload.
    init?(_ json: JSONValue) {
        object = UnstructuredObject(json)
        guard let steps = WorkloadDocument.steps(object.kind, object.groupVersionKind.group),
            (steps.isEmpty ? json : json.value(at: steps))?["spec"]?.object != nil
        else { return nil }
        self.steps = steps
    }

    private static func steps(_ kind: String, _ group: String) -> [String]? {
        switch (kind, group) {
        case ("Pod", ""): []
        case ("CronJob", "batch"): ["spec", "jobTemplate", "spec", "template"]
        case ("Deployment", "apps"), ("Deployment", "extensions"), ("StatefulSet", "apps"), ("DaemonSet", "apps"),
            ("DaemonSet", "extensions"), ("ReplicaSet", "apps"), ("ReplicaSet", "extensions"),
            ("ReplicationController", ""), ("Job", "batch"), ("DeploymentConfig", "apps.openshift.io"),
            ("DeploymentConfig", ""):
            ["spec", "template"]
        default: nil
        }
    }

    private var template: JSONValue { steps.isEmpty ? object.json : object.json.value(at: steps) ?? [:] }

    /// What to ask the injector.
    var request: InjectionRequest {
        let namespace = object.namespace.isEmpty ? "default" : object.namespace
        guard !steps.isEmpty else { return InjectionRequest(pod: object.json, namespace: namespace) }
        let pod: JSONValue = ["metadata": template["metadata"] ?? [:], "spec": template["spec"] ?? [:]]
        return InjectionRequest(
            pod: pod, namespace: namespace,
            workload: WorkloadReference(
                apiVersion: object.apiVersion, kind: object.kind, name: object.name, namespace: namespace))
    }

    /// The path from the object to a field of its Pod.
    func path(ofPodField path: String) -> String { (steps + [path]).joined(separator: ".") }

    /// The object with other Pods.
    func object(with pod: JSONValue) -> JSONValue {
        guard !steps.isEmpty else { return pod }
        var json = object.json
        for field in ["metadata", "spec"] { json.set(pod[field], at: steps + [field]) }
        if object.kind == "CronJob" { markJob(of: &json, like: pod) }
        return json
    }

    /// The Jobs of a CronJob carry the labels and annotations of their Pods too, as istioctl has it.
    private func markJob(of json: inout JSONValue, like pod: JSONValue) {
        for field in ["labels", "annotations"] {
            guard let added = pod["metadata"]?[field] else { continue }
            let path = ["spec", "jobTemplate", "metadata", field]
            json.set(added.merging(json.value(at: path) ?? [:]), at: path)
        }
    }
}
