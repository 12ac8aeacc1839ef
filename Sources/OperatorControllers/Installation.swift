import ControllerRuntime
import IstioAPI
import KubernetesClient
import KubernetesModel
import Logging
import ManifestRenderer

/// Decides what an IstioOperator's install has to do, and does it.
struct Installation: Sendable {
    /// What is to be done about one IstioOperator.
    enum Decision: Sendable {
        case rejected(Outcome)
        case install(RenderedManifests, InstallPlan, DiscoveredAPI)
    }

    /// Applies that run at once: fewer of definitions, which are a hundred times larger than other objects.
    static func concurrency(for manifests: [Manifest]) -> Int {
        let definitions = APIResource.customResourceDefinitions.groupKind
        return manifests.contains { $0.reference.groupKind == definitions } ? 2 : 8
    }

    let facts: FactsSource
    let owned: IstioOperatorReconciler.OwnedStores
    let applier: Applier
    let client: KubernetesClient
    let webhookServer: any WebhookServerProbing
    let verified = VerifiedObjects()
    let logger: Logger

    // MARK: decide

    func decide(_ iop: IstioOperator, among all: [IstioOperator]) async throws -> Decision {
        let findings = try await facts.current()
        let rendered: RenderedManifests
        switch render(iop, on: findings.facts) {
        case .success(let manifests): rendered = manifests
        case .failure(let error):
            return .rejected(.rejected(reason: .invalidSpec, error.diagnostics))
        }
        let ownedObjects = owned.values.flatMap(\.objects)
        let conflicts = claim(of: iop, rendered)
            .conflicts(with: claims(of: all, on: findings.facts, owned: ownedObjects), owned: ownedObjects)
        guard conflicts.isEmpty else { return .rejected(.rejected(reason: .conflict, conflicts)) }
        return .install(
            rendered, InstallPlan(rendered, owner: iop.key, owned: ownedObjects), findings.api)
    }

    private func render(_ iop: IstioOperator, on facts: ClusterFacts) -> Result<RenderedManifests, RenderError> {
        let read = IstioOperatorSpec.read(iop.specJSON)
        guard !read.diagnostics.hasErrors else { return .failure(RenderError(diagnostics: read.diagnostics)) }
        return Result { () throws(RenderError) in
            var rendered = try manifests(for: RenderInput(owner: iop.key, spec: read.spec, facts: facts))
            rendered.warnings = read.diagnostics + rendered.warnings
            return rendered
        }
    }

    private func claim(of iop: IstioOperator, _ rendered: RenderedManifests) -> Claim {
        Claim(owner: iop.key, created: iop.metadata.creationTimestamp, rendered: rendered)
    }

    /// Claims of all. One whose spec cannot be rendered, or that is being deleted, claims what it has.
    private func claims(of all: [IstioOperator], on facts: ClusterFacts, owned: [OwnedObject]) -> [Claim] {
        all.filter { !$0.isIgnored }.map { iop in
            if iop.metadata.deletionTimestamp == nil, let rendered = try? render(iop, on: facts).get() {
                return claim(of: iop, rendered)
            }
            return Claim(holding: owned, for: iop.key, created: iop.metadata.creationTimestamp)
        }
    }

    // MARK: act

    /// - Parameter isStepwise: Whether a wave waits until the one before it is ready.
    func carryOut(
        _ plan: InstallPlan, of rendered: RenderedManifests, for iop: IstioOperator, api: DiscoveredAPI,
        isStepwise: Bool = true
    ) async throws -> Outcome {
        var progress = Progress()
        progress.istioNamespace = rendered.istioNamespace
        progress.revision = rendered.revision
        progress.warnings = rendered.warnings
        if !iop.isAccepted {
            let refused = try await rehearse(plan, api: api)
            guard refused.isEmpty else { return .rejected(reason: .refused, refused) }
        }
        for (index, wave) in plan.waves.enumerated() {
            for component in wave.components { progress.components[component] = .applying }
            let waiting: [Component: [String]]
            do {
                waiting = try await apply(wave, api: api)
            } catch let error as APIError where !error.isRetryable {
                let message = explanation(of: error)
                for component in wave.components { progress.components[component] = .failed(message) }
                return .failed(message, progress)
            }
            for component in wave.components {
                progress.components[component] = waiting[component].map(ComponentProgress.waiting) ?? .ready
            }
            if isStepwise, let blocker = waiting.keys.min(by: { $0.rawValue < $1.rawValue }) {
                for later in plan.waves[(index + 1)...].flatMap(\.components) {
                    progress.components[later] = .pending(behind: blocker)
                }
                return .waiting(progress)
            }
        }
        try await prune(plan.prune)
        guard progress.isReady else { return .waiting(progress) }
        progress.pendingWebhooks = try await applyWebhooks(of: rendered, api: api)
        return .healthy(progress)
    }

    /// An error with what to do about it, where that is known.
    private func explanation(of error: APIError) -> String {
        guard error.status == 403, error.message.contains("attempting to grant RBAC permissions") else {
            return "\(error)"
        }
        if error.message.contains("certificates.k8s.io") {
            return
                "the operator may not grant what signers of Kubernetes need, and holds no such right unasked: bind its "
                + "ServiceAccount a ClusterRole with the rules on certificates.k8s.io of the control plane's own, as "
                + "`apus manifest generate` prints them for this spec (\(error))"
        }
        return "the operator may not grant what Istio's images need: apply Manifests/Kustomize/istio-images, or set "
            + "spec.values.apus.rbac to derived if the images are of this project (\(error))"
    }

    /// Applies one wave.
    ///
    /// - Returns: What each component waits for; empty when all of it is ready.
    private func apply(_ wave: InstallPlan.Wave, api: DiscoveredAPI) async throws -> [Component: [String]] {
        var waiting: [Component: [String]] = [:]
        for step in wave.steps {
            let ungated = step.filter { $0.gate == nil }
            let applied = try await concurrently(ungated, atOnce: Self.concurrency(for: ungated)) { manifest in
                (manifest, try await applyUnlessCurrent(manifest, api: api))
            }
            for (manifest, live) in applied {
                if case .waiting(let what) = live.readiness {
                    waiting[manifest.component, default: []].append("\(manifest.reference): \(what)")
                }
            }
        }
        return waiting.mapValues { $0.sorted() }
    }

    /// Makes sure of one object; asks the server nothing if neither side changed since it was last made sure of.
    func applyUnlessCurrent(_ manifest: Manifest, api: DiscoveredAPI) async throws -> OwnedObject {
        let known = live(manifest)
        if let known, verified.isCurrent(manifest, live: known) { return known }
        let (outcome, object) = try await applier.apply(
            manifest.object, as: try resource(of: manifest, api), isNew: known == nil)
        let live = OwnedObject(object)
        verified.record(manifest, live: live)
        if outcome != .unchanged {
            logger.info("Applied", metadata: ["object": "\(manifest.reference)", "outcome": "\(outcome)"])
        }
        return live
    }

    private func prune(_ objects: [OwnedObject]) async throws {
        for object in objects {
            guard let resource = owned.keys.first(where: { $0.groupKind == object.reference.groupKind }) else {
                continue
            }
            try await deleteIfSame(object, as: resource)
            verified.forget(object.reference)
            logger.info("Pruned", metadata: ["object": "\(object.reference)"])
        }
    }

    /// The uid keeps a namesake made meanwhile from being deleted.
    private func deleteIfSame(_ object: OwnedObject, as resource: APIResource) async throws {
        do {
            _ = try await client.delete(resource, object.key, preconditions: Preconditions(uid: object.uid))
        } catch let error as APIError where error.isConflict {
            return
        }
    }

    // MARK: look up

    func live(_ manifest: Manifest) -> OwnedObject? {
        let store = owned.first { $0.key.groupKind == manifest.reference.groupKind }?.value
        return store?[manifest.reference.key]
    }

    func resource(of manifest: Manifest, _ api: DiscoveredAPI) throws -> APIResource {
        let kind = manifest.groupVersionKind
        guard let resource = api.resource(for: kind) else { throw KindNotServed(kind: kind) }
        return resource
    }

    /// Does all of them, a few at once; one that fails keeps none of the others from being done.
    ///
    /// - Throws: The first failure, after all have ended.
    func concurrently<Element: Sendable, Value: Sendable>(
        _ elements: [Element], atOnce limit: Int = 8,
        _ body: @escaping @Sendable (Element) async throws -> Value
    ) async throws -> [Value] {
        let results = await withTaskGroup(of: Result<Value, any Error>.self) { group in
            let attempt: @Sendable (Element) async -> Result<Value, any Error> = { element in
                do { return .success(try await body(element)) } catch { return .failure(error) }
            }
            var results: [Result<Value, any Error>] = []
            var rest = elements.makeIterator()
            for _ in 0..<limit {
                guard let element = rest.next() else { break }
                group.addTask { await attempt(element) }
            }
            while let result = await group.next() {
                results.append(result)
                if let element = rest.next() { group.addTask { await attempt(element) } }
            }
            return results
        }
        return try results.map { try $0.get() }
    }
}

extension IstioOperator {
    /// Whether the spec as it is now was found good before: it was carried out at least in part, as components tell.
    fileprivate var isAccepted: Bool {
        status.observedGeneration == metadata.generation && !status.componentStatus.isEmpty
            && !status.conditions.contains { $0.type == "Stalled" && $0.status == .true }
    }
}

/// The API server does not serve a kind that the install needs.
struct KindNotServed: Error, CustomStringConvertible {
    var kind: GroupVersionKind
    var description: String {
        "cannot install: the API server does not serve \(kind); check `kubectl api-resources` and the server's version"
    }
}
