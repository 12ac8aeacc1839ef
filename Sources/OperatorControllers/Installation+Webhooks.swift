import ControllerRuntime
import KubernetesClient
import KubernetesModel
import Logging
import ManifestRenderer

extension Installation {
    /// Applies the webhook configurations once their server answers, whole: with whom they are to trust, so that nobody
    /// is refused while the control plane has yet to say so itself. From then on that is the control plane's.
    ///
    /// - Returns: Those that still wait.
    func applyWebhooks(
        of rendered: RenderedManifests, api: DiscoveredAPI
    ) async throws -> [ObjectReference] {
        let gated = rendered.manifests.filter { $0.gate == .webhookServer }
        let due = gated.filter { manifest in
            live(manifest).map { !verified.isCurrent(manifest, live: $0) } ?? true
        }
        guard !due.isEmpty else { return [] }
        let root = try await webhookServer.publishedRoot(in: rendered.istioNamespace)
        let missing = due.filter { live($0) == nil }
        var answers = missing.isEmpty
        if !answers, let root {
            answers = await webhookServer.answers(
                revision: rendered.revision, namespace: rendered.istioNamespace, trusting: root)
        }
        for manifest in due where answers || live(manifest) != nil {
            try await apply(manifest, trusting: root.map { base64Encoded(Array($0.utf8)) }, api: api)
        }
        return answers ? [] : missing.map(\.reference).sorted()
    }

    /// Applies one webhook configuration. As long as whom it trusts is the operator's to say, it is looked at each time.
    private func apply(_ manifest: Manifest, trusting caBundle: String?, api: DiscoveredAPI) async throws {
        let resource = try resource(of: manifest, api)
        // One that somebody else brought is not among those that are known.
        let present = try await client.find(resource, manifest.reference.key)
        let desired = manifest.object.trusting(caBundle, over: present, as: applier.manager)
        let (outcome, object) = try await applier.apply(desired, as: resource, isNew: present == nil)
        if desired == manifest.object {
            verified.record(manifest, live: OwnedObject(object))
        } else {
            verified.forget(manifest.reference)
        }
        if outcome != .unchanged {
            logger.info("Applied", metadata: ["object": "\(manifest.reference)", "outcome": "\(outcome)"])
        }
    }
}
