package import KubernetesClient
package import KubernetesModel

/// Writes the `status` of one kind by server-side apply to its subresource, so that writers do not overwrite each
/// other's fields and no read-modify-write can lose an update.
package struct StatusWriter: Sendable {
    private let client: KubernetesClient
    private let resource: APIResource
    private let manager: String

    package init(client: KubernetesClient, resource: APIResource, manager: String) {
        self.client = client
        self.resource = resource
        self.manager = manager
    }

    /// Makes `status` the object's status.
    ///
    /// - Parameter current: The status as last seen; an equal one is not written again.
    /// - Returns: Whether it was written. Also false when the object is gone or replaced by one with another uid.
    @discardableResult
    package func write(_ status: JSONValue, to object: ObjectMeta, current: JSONValue?) async throws -> Bool {
        guard status != current else { return false }
        let body: JSONValue = [
            "apiVersion": .string(resource.apiVersion), "kind": .string(resource.kind),
            "metadata": [
                "name": .string(object.name), "namespace": .string(object.namespace), "uid": .string(object.uid),
            ],
            "status": status,
        ]
        do {
            _ = try await client.apply(
                resource, UnstructuredObject(body), fieldManager: manager, force: true, subresource: "status")
            return true
        } catch let error as APIError where error.isNotFound || error.isConflict {
            return false  // deleted, or deleted and made anew: the next reconcile sees it
        }
    }
}
