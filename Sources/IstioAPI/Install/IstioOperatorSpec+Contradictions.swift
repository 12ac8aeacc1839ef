package import KubernetesModel

/// What follows from several fields together, each of which is fine by itself.
extension IstioOperatorSpec {
    /// Errors where no sense can be made of it, warnings where one of the fields will have no effect or do harm.
    package var contradictions: [Diagnostic] {
        revisionContradictions + gatewayNameContradictions
            + components.all.flatMap { part in
                part.replicaContradictions(autoscaleEnabled: autoscaleEnabled(part)) + part.budgetContradictions
                    + part.strategyContradictions
            }
            + valuesContradictions
    }

    private var revisionContradictions: [Diagnostic] {
        guard let revision, let other = values?["revision"]?.string, !other.isEmpty, other != revision else {
            return []
        }
        let message = "names the revision \"\(other)\", but spec.revision names \"\(revision)\"; name it in one place"
        return [Diagnostic(path: "spec.values.revision", message: message)]
    }

    /// Two gateways of one name would be one Deployment.
    private var gatewayNameContradictions: [Diagnostic] {
        var first: [ObjectKey: String] = [:]
        var found: [Diagnostic] = []
        for part in components.all where part.isGateway && part.component.enabled != false {
            let key = ObjectKey(namespace: part.component.namespace ?? namespace ?? "", name: part.name)
            if let other = first[key] {
                let message = "\"\(part.name)\" is also the name of \(other); give each gateway a name of its own"
                found.append(Diagnostic(path: "\(part.path).name", message: message))
            } else {
                first[key] = part.path
            }
        }
        return found
    }

    /// What the values say of a component's autoscaling; nil if nothing.
    private func autoscaleEnabled(_ part: ComponentPart) -> Bool? {
        part.name == "pilot" && !part.isGateway
            ? values?["pilot", "autoscaleEnabled"]?.bool
            : values?["gateways", part.name, "autoscaleEnabled"]?.bool
    }

    private var valuesContradictions: [Diagnostic] {
        let gateways = ["istio-egressgateway", "istio-ingressgateway"].map { ["gateways", $0] }
        return (gateways + [["pilot"]]).compactMap { path in
            let group = values?.value(at: path)
            guard let minimum = group?["autoscaleMin"]?.integer, let maximum = group?["autoscaleMax"]?.integer,
                minimum > maximum
            else { return nil }
            return Diagnostic(
                path: "spec.values.\(path.joined(separator: ".")).autoscaleMin",
                message: "must be at most autoscaleMax, which is \(maximum), but is \(minimum)")
        }
    }
}

extension ComponentPart {
    private var k8s: JSONValue { component.k8s ?? .null }

    fileprivate func replicaContradictions(autoscaleEnabled: Bool?) -> [Diagnostic] {
        var found: [Diagnostic] = []
        let hpa = k8s["hpaSpec"]
        if let minimum = hpa?["minReplicas"]?.integer, let maximum = hpa?["maxReplicas"]?.integer,
            minimum > maximum
        {
            let message = "must be at most maxReplicas, which is \(maximum), but is \(minimum)"
            found.append(Diagnostic(path: "\(path).k8s.hpaSpec.minReplicas", message: message))
        }
        if k8s["replicaCount"]?.integer != nil, autoscaleEnabled ?? (hpa?.object != nil) {
            let message =
                "has no effect while a HorizontalPodAutoscaler decides; set hpaSpec.minReplicas, or switch "
                + "autoscaleEnabled off in the values"
            found.append(Diagnostic(.warning, path: "\(path).k8s.replicaCount", message: message))
        }
        return found
    }

    fileprivate var budgetContradictions: [Diagnostic] {
        guard let budget = k8s["podDisruptionBudget"]?.object else { return [] }
        let budgetPath = "\(path).k8s.podDisruptionBudget"
        let minimum = budget["minAvailable"], maximum = budget["maxUnavailable"]
        if minimum?.scalarText != nil, maximum?.scalarText != nil {
            let message = "is dropped, because maxUnavailable is set too and a PodDisruptionBudget takes only one"
            return [Diagnostic(.warning, path: "\(budgetPath).minAvailable", message: message)]
        }
        let message = "would block every drain of a node that runs the component"
        if maximum == 0 || maximum == "0" || maximum == "0%" {
            return [Diagnostic(.warning, path: "\(budgetPath).maxUnavailable", message: "0 \(message)")]
        }
        guard let leastReplicas, let minimum, minimum == "100%" || (minimum.integer ?? 0) >= leastReplicas else {
            return []
        }
        let replicas = leastReplicas == 1 ? "a single replica" : "\(leastReplicas) replicas"
        return [
            Diagnostic(
                .warning, path: "\(budgetPath).minAvailable",
                message: "\(minimum.scalarText ?? "") of \(replicas) \(message); raise the replicas or lower it")
        ]
    }

    /// A rolling update that may neither add a Pod nor miss one.
    fileprivate var strategyContradictions: [Diagnostic] {
        let update = k8s["strategy", "rollingUpdate"]
        let none: [JSONValue] = [0, "0", "0%"]
        if k8s["strategy", "type"] == "Recreate", update?.object != nil {
            let message = "is for type RollingUpdate, but the type is Recreate; remove one of them"
            return [Diagnostic(path: "\(path).k8s.strategy.rollingUpdate", message: message)]
        }
        guard let surge = update?["maxSurge"], let missing = update?["maxUnavailable"], none.contains(surge),
            none.contains(missing)
        else { return [] }
        let message = "must not be 0 while maxSurge is 0 too: no Pod could ever be replaced"
        return [Diagnostic(path: "\(path).k8s.strategy.rollingUpdate.maxUnavailable", message: message)]
    }

    /// How many Pods are certain to run, if the overrides say so.
    private var leastReplicas: Int64? {
        k8s["hpaSpec", "minReplicas"]?.integer ?? k8s["replicaCount"]?.integer
    }
}
