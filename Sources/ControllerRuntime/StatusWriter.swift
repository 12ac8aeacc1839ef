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
        var attempts = 0
        while true {
            attempts += 1
            // Servers may pass over a uid that does not fit; a resource version they never do.
            guard let live = try await client.find(PartialObject.self, resource, object.key)?.metadata,
                live.uid == object.uid
            else { return false }
            do {
                _ = try await client.apply(
                    resource, body(status, of: live), fieldManager: manager, force: true, subresource: "status")
                return true
            } catch let error as APIError where error.isNotFound {
                return false
            } catch let error as APIError where error.isConflict && attempts < StatusWriter.attempts {
                continue  // it changed in between: look again whose it is
            }
        }
    }

    private static let attempts = 5

    private func body(_ status: JSONValue, of object: ObjectMeta) -> UnstructuredObject {
        UnstructuredObject([
            "apiVersion": .string(resource.apiVersion), "kind": .string(resource.kind),
            "metadata": [
                "name": .string(object.name), "namespace": .string(object.namespace), "uid": .string(object.uid),
                "resourceVersion": .string(object.resourceVersion),
            ],
            "status": status,
        ])
    }
}
