import KubernetesModel

/// The workload that a Pod is of: what people deploy, not the ReplicaSet or Job in between.
package struct WorkloadReference: Hashable, Sendable {
    package var apiVersion: String
    package var kind: String
    package var name: String
    package var namespace: String

    package init(apiVersion: String, kind: String, name: String, namespace: String) {
        self.apiVersion = apiVersion
        self.kind = kind
        self.name = name
        self.namespace = namespace
    }
}

extension WorkloadReference {
    /// Deduced from a Pod's controller. Names of ReplicaSets and Jobs tell whose they are: a Deployment appends the
    /// Pod's template hash, a CronJob the minutes or seconds of the start.
    init(controllerOf pod: JSONValue, namespace: String) {
        let metadata = pod["metadata"]
        let labels = metadata?["labels"]
        self.init(apiVersion: "v1", kind: "Pod", name: metadata?["name"]?.string ?? "", namespace: namespace)
        let owners = metadata?["ownerReferences"]?.array ?? []
        guard metadata?["generateName"]?.string?.isEmpty == false,
            let owner = owners.first(where: { $0["controller"] == true }), let ownerName = owner["name"]?.string
        else { return }
        apiVersion = owner["apiVersion"]?.string ?? ""
        kind = owner["kind"]?.string ?? ""
        name = ownerName
        func trimmed(_ label: String) -> String? {
            guard let hash = labels?[label]?.string, !hash.isEmpty, ownerName.hasSuffix("-\(hash)") else { return nil }
            return String(ownerName.dropLast(hash.count + 1))
        }
        switch kind {
        case "ReplicaSet":
            if let deployment = trimmed("pod-template-hash") {
                (kind, name) = ("Deployment", deployment)
            } else if let rollout = trimmed("rollouts-pod-template-hash") {
                (apiVersion, kind, name) = ("argoproj.io/v1alpha1", "Rollout", rollout)
            }
        case "ReplicationController":
            if let configuration = labels?["deploymentconfig"]?.string, !configuration.isEmpty {
                (apiVersion, kind, name) = ("apps.openshift.io/v1", "DeploymentConfig", configuration)
            }
        case "Job":
            let stamp = ownerName.reversed().prefix { $0.isASCII && $0.isNumber }.count
            if (8...10).contains(stamp), ownerName.count > stamp + 1, ownerName.dropLast(stamp).last == "-" {
                (apiVersion, kind, name) = ("batch/v1", "CronJob", String(ownerName.dropLast(stamp + 1)))
            }
        default: break
        }
    }
}
