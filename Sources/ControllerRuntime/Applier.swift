package import KubernetesClient
package import KubernetesModel

/// What an apply did to one object.
package enum ApplyOutcome: String, Hashable, Sendable {
    case created, changed, unchanged
}

/// Applies objects server-side in the name of one manager, and writes nothing where nothing would change.
package struct Applier: Sendable {
    private let client: KubernetesClient
    /// The field manager's name.
    package let manager: String

    package init(client: KubernetesClient, manager: String) {
        self.client = client
        self.manager = manager
    }

    /// Makes the server's object hold `desired`, taking fields over from other managers: it is our own object.
    ///
    /// - Parameters:
    ///   - resource: How the server serves the object's kind, in the object's version.
    ///   - isNew: True if the object is known not to be there; saves reading it first.
    /// - Returns: What happened, and the object as the server has it now.
    package func apply(
        _ desired: UnstructuredObject, as resource: APIResource, isNew: Bool = false
    ) async throws -> (ApplyOutcome, UnstructuredObject) {
        // A null would be owned like a value, while the server puts its default there.
        var desired = UnstructuredObject(desired.json.withoutNulls)
        let live = isNew ? nil : try await client.find(resource, desired.key)
        if let live { desired = desired.leavingWebhookFields(toOthersIn: live) }
        if let live, applyDifference(from: live, to: desired, manager: manager) == nil { return (.unchanged, live) }
        if let live { try await handReplicasOver(live, desired, resource) }
        let applied: UnstructuredObject
        do {
            applied = try await client.apply(resource, desired, fieldManager: manager, force: true)
        } catch let error as APIError where error.isInvalid {
            guard let live, try await removeForeignElements(from: live, desired, resource) else { throw error }
            applied = try await client.apply(resource, desired, fieldManager: manager, force: true)
        }
        guard let live else { return (.created, applied) }
        let isSame = live.metadata.resourceVersion == applied.metadata.resourceVersion
        return (isSame ? .unchanged : .changed, applied)
    }

    /// - Returns: Whether there were any.
    private func removeForeignElements(
        from live: UnstructuredObject, _ desired: UnstructuredObject, _ resource: APIResource
    ) async throws -> Bool {
        guard let (owned, _) = FieldOwnership.applied(by: manager, in: live) else { return false }
        let patch =
            desired.patchRemovingSurplusWebhooks(from: live)
            ?? patchRemovingForeignElements(from: live.json, owned: owned)
        guard let patch else { return false }
        _ = try await client.patch(resource, live.key, .merge(patch), fieldManager: manager)
        return true
    }

    /// Where `desired` leaves `spec.replicas` to an autoscaler from now on, the number stays as it is until that one
    /// changes it: the API server would set a field back to its default, 1, once nobody owns it.
    private func handReplicasOver(
        _ live: UnstructuredObject, _ desired: UnstructuredObject, _ resource: APIResource
    ) async throws {
        guard desired.json["spec", "replicas"] == nil, let replicas = live.json["spec", "replicas"],
            let (owned, _) = FieldOwnership.applied(by: manager, in: live),
            owned.fields["spec"]?.fields["replicas"] != nil
        else { return }
        let holder = UnstructuredObject([
            "apiVersion": .string(desired.apiVersion), "kind": .string(desired.kind),
            "metadata": ["namespace": .string(desired.namespace), "name": .string(desired.name)],
            "spec": ["replicas": replicas],
        ])
        _ = try await client.apply(resource, holder, fieldManager: "\(manager)-replicas", force: true)
    }
}
