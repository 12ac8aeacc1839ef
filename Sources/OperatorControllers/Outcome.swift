package import IstioAPI
package import KubernetesModel
package import ManifestRenderer

/// How one reconcile of an IstioOperator ended. Status, event and requeue are functions of it.
package enum Outcome: Hashable, Sendable {
    /// Everything is applied and ready.
    case healthy(Progress)
    /// Everything up to a component is applied; that one is not ready yet.
    case waiting(Progress)
    /// The author has to change something. Nothing was applied.
    case rejected(reason: Rejection, [Diagnostic])
    /// The cluster refused an object; tried again with back-off.
    case failed(String, Progress)

    /// Why an IstioOperator was rejected; the reason of the conditions and of the event.
    package enum Rejection: String, Hashable, Sendable {
        /// The spec itself is wrong.
        case invalidSpec = "InvalidSpec"
        /// It contradicts another IstioOperator.
        case conflict = "Conflict"
        /// The API server does not accept what the spec leads to.
        case refused = "Refused"
    }
}

/// How far an install is.
package struct Progress: Hashable, Sendable {
    package var components: [Component: ComponentProgress] = [:]
    package var istioNamespace = ""
    package var revision = ""
    package var warnings: [Diagnostic] = []
    /// Webhook configurations that wait for their server.
    package var pendingWebhooks: [ObjectReference] = []

    package init() {}

    /// Whether every component is ready.
    package var isReady: Bool { components.values.allSatisfy { $0 == .ready } }
}

/// How far one component is.
package enum ComponentProgress: Hashable, Sendable {
    /// It waits for another component.
    case pending(behind: Component)
    case applying
    /// What it waits for, one clause an object.
    case waiting([String])
    case ready
    case failed(String)
}

extension Outcome {
    /// The word of `status.status`.
    package var word: IstioOperatorStatus.Word {
        switch self {
        case .healthy: .healthy
        case .waiting: .reconciling
        case .rejected, .failed: .error
        }
    }

    /// The sentence of `status.message`.
    package var message: String {
        switch self {
        case .healthy(let progress):
            return (["all components are ready"] + progress.warnings.map { "warning: \($0)" }).joined(separator: "; ")
        case .waiting(let progress):
            let waits = progress.components.sorted { $0.key.rawValue < $1.key.rawValue }.compactMap { name, state in
                if case .waiting(let what) = state { "\(name.rawValue): \(what.joined(separator: ", "))" } else { nil }
            }
            return "waiting for " + (waits.isEmpty ? "objects to be applied" : waits.joined(separator: "; "))
        case .rejected(_, let diagnostics):
            return diagnostics.filter { $0.severity == .error }.map(\.description).joined(separator: "; ")
        case .failed(let error, _):
            return error
        }
    }

    /// The word in the conditions and in events.
    package var reason: String {
        switch self {
        case .healthy: "Healthy"
        case .waiting: "ComponentsNotReady"
        case .rejected(let reason, _): reason.rawValue
        case .failed: "ApplyFailed"
        }
    }

    /// How far the install is; nil when it was not looked at.
    package var progress: Progress? {
        switch self {
        case .healthy(let progress), .waiting(let progress), .failed(_, let progress): progress
        case .rejected: nil
        }
    }
}
