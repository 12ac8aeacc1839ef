import ControllerRuntime
import KubernetesClient
package import KubernetesModel
import ManifestRenderer

/// What an install would change, found out by the API server's own dry run.
package struct InstallPreview: Hashable, Sendable {
    /// What becomes of one object.
    package enum Change: String, Hashable, Sendable {
        case created, configured, unchanged, deleted
        /// Applied once the control plane's webhook server answers.
        case later
    }

    /// Objects in apply order; deleted ones last.
    package var changes: [(object: ObjectReference, change: Change)] {
        objects.map { ($0.reference, $0.change) }
    }
    /// What the API server does not take.
    package var refused: [Diagnostic]
    private var objects: [ChangedObject]

    struct ChangedObject: Hashable, Sendable {
        var reference: ObjectReference
        var change: Change
    }

    init(_ objects: [ChangedObject], refused: [Diagnostic]) {
        self.objects = objects
        self.refused = refused
    }
}

extension Installation {
    /// What carrying out a plan would change. Writes nothing.
    func preview(_ plan: InstallPlan, api: DiscoveredAPI) async throws -> InstallPreview {
        let manifests = plan.waves.flatMap(\.manifests)
        // They end in any order.
        let looks = try await concurrently(manifests) { manifest in
            (manifest.reference, try await preview(manifest, api: api))
        }
        let found = Dictionary(looks, uniquingKeysWith: { first, _ in first })
        var objects: [InstallPreview.ChangedObject] = []
        var refused: [Diagnostic] = []
        for manifest in manifests {
            guard let (change, refusal) = found[manifest.reference] else { continue }
            let isLater = manifest.gate != nil && change == .created
            objects.append(
                InstallPreview.ChangedObject(reference: manifest.reference, change: isLater ? .later : change))
            if let refusal { refused.append(refusal) }
        }
        objects += plan.prune.map { InstallPreview.ChangedObject(reference: $0.reference, change: .deleted) }
        return InstallPreview(objects, refused: refused)
    }

    private func preview(
        _ manifest: Manifest, api: DiscoveredAPI
    ) async throws -> (InstallPreview.Change, Diagnostic?) {
        let resource = try resource(of: manifest, api)
        let live = try await client.find(resource, manifest.reference.key)
        let desired =
            live.map { live in
                manifest.object.trusting(nil, over: live, as: applier.manager).leavingWebhookFields(toOthersIn: live)
            } ?? manifest.object
        if let live, applyDifference(from: live, to: desired, manager: applier.manager) == nil {
            return (.unchanged, nil)
        }
        let change: InstallPreview.Change = live == nil ? .created : .configured
        do {
            let applied = try await client.apply(
                resource, desired, fieldManager: applier.manager, force: true, dryRun: true)
            // Who owns a field is no difference that anybody sees.
            if let live, content(of: applied) == content(of: live) { return (.unchanged, nil) }
        } catch let error as APIError where error.isInvalid || error.status == 400 {
            return (change, refusal(of: manifest, error))
        } catch let error as APIError where error.isNotFound {
            // Its namespace, or the kind's definition, comes with the same install.
        }
        return (change, nil)
    }
}

/// An object but for what the server keeps books with.
private func content(of object: UnstructuredObject) -> JSONValue {
    var json = object.json
    for field in ["managedFields", "resourceVersion", "generation"] { json["metadata", field] = nil }
    return json
}
