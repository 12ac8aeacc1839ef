package import KubernetesClient
package import KubernetesModel

/// One name in `metadata.finalizers`: keeps an object until what it stands for is cleaned up.
package struct Finalizer: Sendable {
    /// As it stands in the object.
    package let name: String
    private let client: KubernetesClient
    private let resource: APIResource
    private let manager: String

    package init(name: String, client: KubernetesClient, resource: APIResource, manager: String) {
        self.name = name
        self.client = client
        self.resource = resource
        self.manager = manager
    }

    /// Puts the finalizer on, unless it is there or the object is already being deleted.
    package func add(to object: ObjectMeta) async throws {
        guard !object.finalizers.contains(name), object.deletionTimestamp == nil else { return }
        try await set(object.finalizers + [name], on: object)
    }

    /// Takes the finalizer off. Doing so twice is no error.
    ///
    /// Off an object that the server would refuse today, because it was stored when its definition said less, the
    /// finalizer comes only together with the spec; it is on its way out anyway.
    package func remove(from object: ObjectMeta) async throws {
        guard object.finalizers.contains(name) else { return }
        let rest = object.finalizers.filter { $0 != name }
        do {
            try await set(rest, on: object)
        } catch let error as APIError where error.isInvalid && object.deletionTimestamp != nil {
            try await set(rest, on: object, besides: ["spec": nil])
        } catch let error as APIError where error.isNotFound {
            return
        }
    }

    /// The resource version in the patch makes the server refuse it if the list changed meanwhile.
    private func set(
        _ finalizers: [String], on object: ObjectMeta, besides fields: JSONValue = [:]
    ) async throws {
        let patch: JSONValue = [
            "metadata": ["finalizers": JSONValue(finalizers), "resourceVersion": .string(object.resourceVersion)]
        ]
        _ = try await client.patch(resource, object.key, .merge(patch.merging(fields)), fieldManager: manager)
    }
}
