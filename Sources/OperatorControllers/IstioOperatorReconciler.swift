package import ControllerRuntime
import IstioAPI
import KubernetesClient
package import KubernetesModel
import Logging
import ManifestRenderer
import Observability

/// Keeps one control plane equal to what its `IstioOperator` asks for.
///
/// Decide, act, tell: `Installation` decides and acts; the status is written whatever happened, so `kubectl get iop`
/// never lags behind the logs.
package struct IstioOperatorReconciler: Reconciler {
    /// The finalizer's name, Istio's.
    package static let finalizerName = "istio-finalizer.install.istio.io"
    /// Manager of installed objects, as istioctl uses it: an existing install is taken over without conflicts.
    package static let installManager = "istio-operator"
    /// Manager of an IstioOperator's status and finalizers.
    package static let controllerManager = "apus-operator"

    private static let resync = Duration.seconds(600)
    private static let webhookRetry = Duration.seconds(30)
    private static let readinessRetry = Duration.seconds(10)

    let operators: Store<IstioOperator>
    let installation: Installation
    let uninstallation: Uninstallation
    let finalizer: Finalizer
    let statuses: StatusWriter
    let events: EventRecorder
    let now: @Sendable () -> Int64
    let logger: Logger

    package func reconcile(_ key: ObjectKey) async throws -> Requeue {
        guard let iop = operators[key], !iop.isIgnored else { return .none }
        if iop.metadata.deletionTimestamp != nil { return try await uninstall(iop) }
        let outcome: Outcome
        do {
            outcome = try await converge(iop)
        } catch let error as APIError where !error.isRetryable {
            await installation.facts.invalidate()
            outcome = .failed("\(error)", Progress())
        }
        try await tell(outcome, about: iop)
        ProcessMemory.returnFreed()
        switch outcome {
        case .healthy(let progress): return .after(progress.pendingWebhooks.isEmpty ? Self.resync : Self.webhookRetry)
        case .waiting: return .after(Self.readinessRetry)
        case .rejected: return .after(Self.resync)
        case .failed(let error, _): throw InstallFailed(message: error)
        }
    }

    private func converge(_ iop: IstioOperator) async throws -> Outcome {
        switch try await installation.decide(iop, among: operators.objects) {
        case .rejected(let outcome): return outcome
        case .install(let rendered, let plan, let api):
            try await finalizer.add(to: iop.metadata)
            return try await installation.carryOut(plan, of: rendered, for: iop, api: api)
        }
    }

    private func tell(_ outcome: Outcome, about iop: IstioOperator) async throws {
        let current = iop.status
        let status = status(
            of: outcome, generation: iop.metadata.generation, current: current,
            now: Timestamp.text(secondsSinceEpoch: now()))
        let isWritten = try await statuses.write(status.json, to: iop.metadata, current: iop.statusJSON)
        guard isWritten, current.word != status.word || current.message != status.message else { return }
        logger.info(
            "Status changed",
            metadata: ["key": "\(iop.key)", "status": "\(status.word.rawValue)", "reason": "\(status.message)"])
        let kind: EventRecorder.Kind = outcome.word == .error ? .warning : .normal
        await events.record(
            kind, reason: outcome.reason, status.message, about: iop.metadata, of: .istioOperators)
    }

    private func uninstall(_ iop: IstioOperator) async throws -> Requeue {
        guard iop.metadata.finalizers.contains(finalizer.name) else { return .none }
        let others = operators.objects.filter { other in
            other.key != iop.key && other.metadata.deletionTimestamp == nil
                && other.metadata.finalizers.contains(finalizer.name)  // else it has installed nothing
        }
        switch try await uninstallation.proceed(for: iop, besides: others) {
        case .waiting(let message):
            logger.info("Uninstalling", metadata: ["key": "\(iop.key)", "waitingFor": "\(message)"])
            return .after(.seconds(1))
        case .done(let kept):
            await events.record(.normal, reason: "Uninstalled", kept, about: iop.metadata, of: .istioOperators)
            try await finalizer.remove(from: iop.metadata)
            logger.info("Uninstalled", metadata: ["key": "\(iop.key)", "kept": "\(kept)"])
            return .none
        }
    }
}

extension IstioOperator: Keyed {
    /// Its author has taken it out of the operator's hands.
    var isIgnored: Bool { metadata.annotations["install.istio.io/ignoreReconcile"] == "true" }
}

/// An install that the cluster refused; told in the status already, thrown for the back-off.
struct InstallFailed: Error, CustomStringConvertible {
    var message: String
    var description: String { message }
}
