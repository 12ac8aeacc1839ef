import ControllerRuntime
import KubernetesClient
import KubernetesModel
import ManifestRenderer

extension Installation {
    /// Has the API server check every object that would change, before the first one does: a refused spec leaves what
    /// runs untouched. The namespace must exist for that and is made before.
    func rehearse(_ plan: InstallPlan, api: DiscoveredAPI) async throws -> [Diagnostic] {
        let all = plan.waves.flatMap(\.manifests)
        for manifest in all where manifest.reference.groupKind == APIResource.namespaces.groupKind {
            _ = try await applyUnlessCurrent(manifest, api: api)
        }
        let definitions = all.filter { $0.reference.groupKind == APIResource.customResourceDefinitions.groupKind }
        let rest = all.filter { !InstallPlan.isKept($0.reference.groupKind) }
        var refused: [Diagnostic] = []
        for manifests in [definitions, rest] {
            refused += try await concurrently(manifests, atOnce: Self.concurrency(for: manifests)) { manifest in
                try await refusal(of: manifest, api: api)
            }.compactMap(\.self)
        }
        return refused
    }

    /// Why the API server would not take an object as it is to be; nil if it would.
    private func refusal(of manifest: Manifest, api: DiscoveredAPI) async throws -> Diagnostic? {
        let resource = try resource(of: manifest, api)
        if let live = live(manifest), verified.isCurrent(manifest, live: live) { return nil }
        do {
            _ = try await client.apply(
                resource, manifest.object, fieldManager: applier.manager, force: true, dryRun: true)
            return nil
        } catch let error as APIError where error.isInvalid || error.status == 400 {
            if error.isInvalid, try await isTakenWithoutForeignElements(manifest, as: resource) { return nil }
            return refusal(of: manifest, error)
        } catch let error as APIError where error.isNotFound {
            return nil  // its namespace is another component's, not there yet
        }
    }

    /// Whether the API server would take the object if others' elements were out of its lists, as the applier takes
    /// them out where they are in the way: somebody's edit must not make a good spec look refused.
    private func isTakenWithoutForeignElements(_ manifest: Manifest, as resource: APIResource) async throws -> Bool {
        guard live(manifest) != nil else { return false }
        do {
            _ = try await client.patch(
                resource, manifest.reference.key, .merge(manifest.object.json), fieldManager: applier.manager,
                dryRun: true)
            return true
        } catch let error as APIError where error.isInvalid || error.isNotFound {
            return false
        }
    }

    /// What a person is told of an object that the API server does not take.
    func refusal(of manifest: Manifest, _ error: APIError) -> Diagnostic {
        Diagnostic(path: "spec", message: "the API server refuses \(manifest.reference): \(error.message)")
    }
}
