package import KubernetesModel

/// Whether an applied object does its work yet.
package enum Readiness: Hashable, Sendable {
    case ready
    /// What is missing, as a clause: `0 of 1 replicas available`.
    case waiting(String)

    /// Reads it from an object's status. Kinds without one are ready once they exist.
    package init(of object: UnstructuredObject) {
        switch object.groupVersionKind.groupKind {
        case GroupKind(group: "apps", kind: "Deployment"): self = Readiness.ofDeployment(object.json)
        case GroupKind(group: "apps", kind: "DaemonSet"): self = Readiness.ofDaemonSet(object.json)
        case GroupKind(group: "apiextensions.k8s.io", kind: "CustomResourceDefinition"):
            let conditions = object.json["status", "conditions"]?.array ?? []
            self.init(ofDefinition: conditions.compactMap(Condition.init))
        case GroupKind(group: "", kind: "Namespace"):
            self = object.json["status", "phase"]?.string == "Terminating" ? .waiting("it is being deleted") : .ready
        default: self = .ready
        }
    }

    /// Reads it from the conditions of a custom resource definition.
    init(ofDefinition conditions: [Condition]) {
        if let refused = conditions.first(where: { $0.type == "NamesAccepted" && $0.status == .false }) {
            self = .waiting("its names are not accepted: \(refused.message)")
        } else if conditions.contains(where: { $0.type == "Established" && $0.status == .true }) {
            self = .ready
        } else {
            self = .waiting("it is not established yet")
        }
    }

    private static func ofDeployment(_ json: JSONValue) -> Readiness {
        let status = json["status"] ?? .null
        guard isObserved(json) else { return .waiting("its latest change is not observed yet") }
        let wanted = json["spec", "replicas"]?.integer ?? 1
        let updated = status["updatedReplicas"]?.integer ?? 0
        let available = status["availableReplicas"]?.integer ?? 0
        let existing = status["replicas"]?.integer ?? 0
        if updated < wanted { return .waiting("\(updated) of \(wanted) replicas updated\(reason(status))") }
        if available < wanted { return .waiting("\(available) of \(wanted) replicas available\(reason(status))") }
        if existing > updated { return .waiting("\(existing - updated) old replicas still end") }
        return .ready
    }

    /// What the Deployment controller itself says is wrong: quota, a forbidden Pod, no progress.
    private static func reason(_ status: JSONValue) -> String {
        let conditions = (status["conditions"]?.array ?? []).compactMap(Condition.init)
        let fault =
            conditions.first { $0.type == "ReplicaFailure" && $0.status == .true }
            ?? conditions.first { $0.type == "Progressing" && $0.status == .false }
        return fault.map { " (\($0.reason): \($0.message))" } ?? ""
    }

    private static func ofDaemonSet(_ json: JSONValue) -> Readiness {
        guard isObserved(json) else { return .waiting("its latest change is not observed yet") }
        let wanted = json["status", "desiredNumberScheduled"]?.integer ?? 0
        let updated = json["status", "updatedNumberScheduled"]?.integer ?? 0
        let available = json["status", "numberAvailable"]?.integer ?? 0
        if min(updated, available) < wanted {
            return .waiting("\(min(updated, available)) of \(wanted) Pods updated and available")
        }
        return .ready
    }

    private static func isObserved(_ json: JSONValue) -> Bool {
        (json["status", "observedGeneration"]?.integer ?? 0) >= (json["metadata", "generation"]?.integer ?? 0)
    }
}
