package import IstioAPI
import KubernetesModel
import ManifestRenderer

/// The status that tells an outcome.
///
/// - Parameters:
///   - generation: The spec's generation the outcome is about.
///   - current: The status as it stands: its moments of transition are kept, and a rejected spec leaves the
///     components as they were, for they run on untouched.
///   - now: RFC 3339.
package func status(
    of outcome: Outcome, generation: Int64, current: IstioOperatorStatus, now: String
) -> IstioOperatorStatus {
    var status = IstioOperatorStatus(
        outcome.word, message: outcome.message, observedGeneration: generation)
    if let progress = outcome.progress {
        status.componentStatus = Dictionary(
            uniqueKeysWithValues: progress.components.map { ($0.key.rawValue, componentStatus($0.value)) })
    } else {
        status.componentStatus = current.componentStatus
    }
    status.conditions = Condition.merge(
        conditions(of: outcome, generation: generation, current: current), into: current.conditions, now: now)
    return status
}

private func componentStatus(_ progress: ComponentProgress) -> ComponentStatus {
    switch progress {
    case .pending(let other):
        ComponentStatus(.none, version: apusVersion, error: "waits for \(other.rawValue)")
    case .applying: ComponentStatus(.updating, version: apusVersion)
    case .waiting(let objects):
        ComponentStatus(.reconciling, version: apusVersion, error: objects.joined(separator: "; "))
    case .ready: ComponentStatus(.healthy, version: apusVersion)
    case .failed(let error): ComponentStatus(.error, version: apusVersion, error: error)
    }
}

/// `Ready` always; `Reconciling` and `Stalled` only while true (kstatus).
private func conditions(of outcome: Outcome, generation: Int64, current: IstioOperatorStatus) -> [Condition] {
    func condition(_ type: String, _ status: Condition.Status) -> Condition {
        Condition(
            type: type, status: status, reason: outcome.reason, message: outcome.message,
            observedGeneration: generation)
    }
    var conditions: [Condition]
    switch outcome {
    case .healthy: conditions = [condition("Ready", .true)]
    case .waiting: conditions = [condition("Ready", .false), condition("Reconciling", .true)]
    case .rejected: conditions = [condition("Ready", .false), condition("Stalled", .true)]
    case .failed: conditions = [condition("Ready", .false), condition("Reconciling", .true)]
    }
    if let progress = outcome.progress {
        if !progress.pendingWebhooks.isEmpty {
            conditions.append(injectionPending(progress.pendingWebhooks, generation: generation))
        }
    } else {
        conditions += current.conditions.filter { $0.type == "InjectionReady" }
    }
    return conditions
}

private func injectionPending(_ webhooks: [ObjectReference], generation: Int64) -> Condition {
    Condition(
        type: "InjectionReady", status: .false, reason: "WebhookServerNotAnswering",
        message: "not applied until the control plane's webhook server answers: "
            + webhooks.map(\.description).joined(separator: ", "),
        observedGeneration: generation)
}
