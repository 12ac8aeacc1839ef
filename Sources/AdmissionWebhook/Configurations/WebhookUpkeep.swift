package import ControllerRuntime
package import KubernetesClient
import KubernetesModel
package import Logging
import ServiceLifecycle
import Synchronization

/// Keeps in the webhook configurations of one revision what only the control plane knows.
///
/// Every replica does: they say the same, and whoever comes second has nothing to write.
package final class WebhookUpkeep: Service {
    /// Which configurations are a control plane's.
    package struct Scope: Hashable, Sendable {
        /// The revision, as label `istio.io/rev` names it.
        package var revision: String
        /// Name of a configuration for injection that may lack the label; empty: none of injection is looked after.
        package var injectionName: String
        /// The same for validation.
        package var validationName: String

        package init(revision: String, injectionName: String, validationName: String) {
            self.revision = revision
            self.injectionName = injectionName
            self.validationName = validationName
        }
    }

    private let scope: Scope
    private let client: KubernetesClient
    private let logger: Logger
    private let queue = WorkQueue<WebhookReference>()
    private let mutating = Store<WebhookConfiguration>()
    private let validating = Store<WebhookConfiguration>()
    private let bundle: Mutex<(current: CABundle, known: CABundle)>
    private let mayOverwrite: @Sendable (WebhookConfiguration, CABundle) -> Bool
    private let overlap: Duration
    /// Nil: configurations refuse what they say, and no more.
    private let proof: ValidationProof?
    /// When former roots were first seen in a configuration, by uid.
    private let former = Mutex<[String: ContinuousClock.Instant]>([:])
    /// Of configurations that let everything in, by uid.
    private let trials = Mutex<[String: Trial]>([:])

    /// Kinds that this account may replace and not patch, as by Istio's own rules: then nobody owns parts of them.
    private let replacing = Mutex<Set<String>>([])

    private enum Trial {
        /// So many proofs have failed.
        case failed(Int)
        /// Their policy was raised. Whoever lowers it again means it.
        case raised
    }

    /// - Parameters:
    ///   - trustBundlePEM: Whose certificates API servers are to accept.
    ///   - namespace: Of the control plane.
    ///   - overlap: How long a former root is accepted beside a new one.
    ///   - isProving: Validating configurations become such as refuse once their server is known to, which takes a
    ///     rehearsal of creating something.
    ///   - mayOverwrite: Asked before roots that were never this mesh's are taken out of a configuration, or others put
    ///     beside them. Without a yes it is left as it is.
    package init(
        _ scope: Scope, trustBundlePEM: String, namespace: String, overlap: Duration = .seconds(60),
        isProving: Bool = true,
        mayOverwrite: @escaping @Sendable (WebhookConfiguration, CABundle) -> Bool = { _, _ in true },
        client: KubernetesClient, logger: Logger
    ) {
        self.scope = scope
        self.overlap = overlap
        self.client = client
        self.logger = logger
        self.mayOverwrite = mayOverwrite
        let own = CABundle(pem: trustBundlePEM)
        bundle = Mutex((own, own))
        proof = isProving ? ValidationProof(client: client, namespace: namespace) : nil
    }

    /// Has API servers accept other certificates from now on.
    package func use(trustBundlePEM: String) {
        let new = CABundle(pem: trustBundlePEM)
        let isNew = bundle.withLock { old in
            defer { old = (new, old.known.covers(new) ? old.known : old.known.merged(with: new)) }
            return old.current != new
        }
        guard isNew else { return }
        for store in [mutating, validating] {
            for configuration in store.objects { consider(configuration) }
        }
    }

    /// To be called once the server of webhooks listens.
    package func run() async throws {
        for store in [mutating, validating] {
            store.onChange { [weak self] change in
                if case .stored(_, let configuration) = change { self?.consider(configuration) }
            }
        }
        let controller = Controller(
            name: "webhook-configurations", queue: queue, reconciler: self, names: .pilot, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (resource, store) in [
                (APIResource.mutatingWebhookConfigurations, mutating),
                (.validatingWebhookConfigurations, validating),
            ] {
                let reflector = Reflector(
                    resource, reader: .json { WebhookConfiguration($0) }, into: store, client: client, logger: logger)
                group.addTask { try await reflector.run() }
            }
            group.addTask { try await controller.run() }
            defer { group.cancelAll() }
            try await group.waitForAll()
        }
    }

    private func consider(_ configuration: WebhookConfiguration) {
        if scope.includes(configuration) {
            queue.add(WebhookReference(kind: configuration.kind, name: configuration.key.name))
        }
    }
}

/// A webhook configuration as a work-queue key.
package struct WebhookReference: Hashable, Sendable, CustomStringConvertible {
    package var kind: String
    package var name: String

    package var description: String { "\(kind) \(name)" }

    var isValidating: Bool { kind == APIResource.validatingWebhookConfigurations.kind }
    var resource: APIResource {
        isValidating ? .validatingWebhookConfigurations : .mutatingWebhookConfigurations
    }
}

extension WebhookUpkeep: Reconciler {
    package func reconcile(_ reference: WebhookReference) async throws -> Requeue {
        let store = reference.isValidating ? validating : mutating
        guard let configuration = store[ObjectKey(name: reference.name)], scope.includes(configuration) else {
            return .none
        }
        let (bundle, known) = bundle.withLock { $0 }
        let isOwning = replacing.withLock { !$0.contains(reference.kind) }
        let now = ContinuousClock.now
        let since = former.withLock { $0[configuration.uid] }
        let change = configuration.change(
            to: bundle, isOwning: isOwning, keepsFormerRoots: since.map { now < $0 + overlap } ?? true, own: known)
        if change.isOverOthers, !mayOverwrite(configuration, bundle) { return .none }
        if let fields = change.fields {
            // What comes of it comes back through the watch.
            try await apply(fields, to: reference)
            return .none
        }
        former.withLock { $0[configuration.uid] = change.hasFormerRoots ? since ?? now : nil }
        let next = try await raise(configuration, reference, bundle)
        return change.hasFormerRoots ? next.sooner(than: (since ?? now) + overlap - now) : next
    }

    /// Has a validating configuration refuse what its server refuses, once that is known to happen.
    private func raise(
        _ configuration: WebhookConfiguration, _ reference: WebhookReference, _ bundle: CABundle
    ) async throws -> Requeue {
        let lenient = configuration.webhooks.filter(\.isLenient)
        let trial = trials.withLock { $0[configuration.uid] }
        if case .raised = trial { return .none }
        guard reference.isValidating, !lenient.isEmpty, let proof else { return .none }
        for webhook in lenient where try await !isProved(webhook, proof) {
            // API servers take a moment to hear of a webhook, and the kinds it is about may come later.
            let failures = if case .failed(let count) = trial { count } else { 0 }
            trials.withLock { $0[configuration.uid] = .failed(failures + 1) }
            return .after(.seconds(min(1 << failures, 60)))
        }
        guard let fields = configuration.change(to: bundle, refusing: Set(lenient.map(\.name))).fields else {
            return .none
        }
        try await apply(fields, to: reference)
        trials.withLock { $0[configuration.uid] = .raised }
        logger.info("The validating webhook refuses from now on", metadata: ["configuration": "\(reference)"])
        return .none
    }

    private func isProved(
        _ webhook: WebhookConfiguration.Webhook, _ proof: ValidationProof
    ) async throws -> Bool {
        do {
            let holds = try await proof.holds(for: webhook)
            if !holds {
                logger.debug("The validating webhook is not asked yet", metadata: ["webhook": "\(webhook.name)"])
            }
            return holds
        } catch let error as APIError where error.isNotFound || error.isInvalid {
            return false  // Gateways are not installed (yet), or their definition is stricter than ours
        }
    }

    private func apply(_ fields: UnstructuredObject, to reference: WebhookReference) async throws {
        PatchMetrics.attempted(reference)
        do {
            try await write(fields, reference)
            PatchMetrics.succeeded(reference)
            logger.info("Webhook configuration has the mesh's root", metadata: ["configuration": "\(reference)"])
        } catch let error as APIError where error.isInvalid || error.isNotFound {
            // It is being deleted, or a webhook of it is: it could not be made of these fields alone.
            PatchMetrics.failed(reference, reason: "gone")
        } catch {
            PatchMetrics.failed(reference, reason: (error as? APIError)?.isConflict == true ? "conflict" : "error")
            PatchMetrics.retried(reference)
            throw error
        }
    }
}

extension WebhookUpkeep {
    fileprivate func write(_ fields: UnstructuredObject, _ reference: WebhookReference) async throws {
        let manager = WebhookConfiguration.manager
        if replacing.withLock({ !$0.contains(reference.kind) }) {
            do {
                _ = try await client.apply(reference.resource, fields, fieldManager: manager, force: true)
                return
            } catch let error as APIError where error.isForbidden {
                replacing.withLock { _ = $0.insert(reference.kind) }
            }
        }
        let live = try await client.get(reference.resource, ObjectKey(name: reference.name))
        _ = try await client.update(reference.resource, live.layingOver(fields), fieldManager: manager)
    }
}

extension Requeue {
    /// This, or after `pause` if that comes first.
    fileprivate func sooner(than pause: Duration) -> Requeue {
        if case .after(let own) = self { .after(min(own, pause)) } else { .after(pause) }
    }
}

extension WebhookUpkeep.Scope {
    func includes(_ configuration: WebhookConfiguration) -> Bool {
        let isValidating = configuration.kind == APIResource.validatingWebhookConfigurations.kind
        let name = isValidating ? validationName : injectionName
        guard !name.isEmpty, !configuration.webhooks.isEmpty,
            configuration.webhooks.allSatisfy({ $0.name.hasSuffix(".istio.io") })
        else { return false }
        return configuration.labels["istio.io/rev"] == revision || configuration.key.name == name
    }
}
