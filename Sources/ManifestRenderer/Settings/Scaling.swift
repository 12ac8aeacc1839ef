internal import InstallationValues
internal import KubernetesModel

/// How many replicas a workload has, and who decides that.
struct Scaling: Hashable, Sendable {
    /// Whether a HorizontalPodAutoscaler decides. Then the Deployment says nothing about replicas: applying the field
    /// would undo the autoscaler's work each time.
    var isAutomatic: Bool
    var minimum: Int64
    var maximum: Int64
    /// Replicas where no autoscaler decides.
    var replicas: Int64
    /// Percent of the requests; nil for none.
    var cpuUtilization: Int64?
    var memoryUtilization: Int64?
    var behavior: JSONValue?
    /// Of a Deployment's rolling update.
    var maxSurge: JSONValue?
    var maxUnavailable: JSONValue?

    /// Whether a PodDisruptionBudget of `minAvailable: 1` leaves a Pod that may be evicted. With one replica it would
    /// block every drain of its node.
    var outlivesEviction: Bool { isAutomatic ? minimum > 1 : replicas > 1 }

    /// What the Deployment says about replicas.
    var deploymentReplicas: Int64? { isAutomatic ? nil : replicas }
}

extension Scaling {
    init(reading values: inout ValuesReader) {
        isAutomatic = values.bool("autoscaleEnabled")
        minimum = values.integer("autoscaleMin") ?? 1
        maximum = values.integer("autoscaleMax") ?? 5
        replicas = values.integer("replicaCount") ?? 1
        cpuUtilization = values.integer("cpu.targetAverageUtilization")
        memoryUtilization = values.integer("memory.targetAverageUtilization")
        behavior = values.map("autoscaleBehavior")
        maxSurge = values.countOrShare("rollingMaxSurge")
        maxUnavailable = values.countOrShare("rollingMaxUnavailable")
        if replicas < 0 { values.fail("replicaCount", "is \(replicas), but can't be negative") }
        guard isAutomatic else { return }
        if minimum < 1 { values.fail("autoscaleMin", "is \(minimum), but has to be at least 1") }
        if minimum > maximum {
            values.fail("autoscaleMin", "is \(minimum), which is more than autoscaleMax, \(maximum)")
        }
    }

    /// What a person asked for that this scaling leaves without effect.
    ///
    /// - Parameters:
    ///   - overrides: The `k8s` overrides of the component.
    ///   - overridesPath: Their path.
    ///   - chosen: The values of the workload that the person wrote.
    ///   - valuesPath: Their path.
    func warnings(overrides: JSONValue?, at overridesPath: String, chosen: JSONValue?, at valuesPath: String)
        -> [Diagnostic]
    {
        var warnings: [Diagnostic] = []
        if isAutomatic {
            let message =
                "has no effect while a HorizontalPodAutoscaler decides the number of replicas; set "
                + "\(valuesPath).autoscaleEnabled to false, or raise the autoscaler's minReplicas instead"
            if overrides?["replicaCount"]?.integer != nil {
                warnings.append(Diagnostic(.warning, path: "\(overridesPath).replicaCount", message: message))
            } else if chosen?["replicaCount"]?.integer != nil {
                warnings.append(Diagnostic(.warning, path: "\(valuesPath).replicaCount", message: message))
            }
        } else if overrides?["hpaSpec"]?.nonEmpty != nil {
            let message =
                "has no effect, for \(valuesPath).autoscaleEnabled is false and no HorizontalPodAutoscaler is made"
            warnings.append(Diagnostic(.warning, path: "\(overridesPath).hpaSpec", message: message))
        }
        if overrides?["podDisruptionBudget"]?.nonEmpty != nil, !outlivesEviction {
            let field = isAutomatic ? "hpaSpec.minReplicas" : "replicaCount"
            let message =
                "is left out: with one replica it would block every drain of its node; "
                + "set \(overridesPath).\(field) to at least 2"
            warnings.append(Diagnostic(.warning, path: "\(overridesPath).podDisruptionBudget", message: message))
        }
        return warnings
    }
}
