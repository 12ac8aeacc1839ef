package import KubernetesClient
package import KubernetesModel

/// Changes fields of an object's `status` that others write too: what is to be changed is worked out from one version of
/// the object, and written to that version alone, so that nothing is lost that somebody else wrote in between.
///
/// A merge patch makes its writer the owner of what it changes and of nothing else. In a list that is a map to the server
/// (`x-kubernetes-list-type: map`) that is the writer's own elements; where a list is one field, as conditions of Istio's
/// kinds are, it is the whole of it, and whoever writes next has read what is there.
package struct StatusEditor: Sendable {
    private let client: KubernetesClient
    private let resource: APIResource
    private let manager: String

    package init(client: KubernetesClient, resource: APIResource, manager: String) {
        self.client = client
        self.resource = resource
        self.manager = manager
    }

    /// Reads the object and writes its status, again and again as long as somebody else comes in between.
    ///
    /// - Parameter fields: Fields of the status as they are to be, worked out from the object; nil: as they are.
    /// - Returns: Whether anything was written; false also when the object is gone.
    /// - Throws: The conflict, if others come in between every time.
    @discardableResult
    package func edit(
        _ key: ObjectKey, _ fields: (UnstructuredObject) async throws -> JSONValue?
    ) async throws -> Bool {
        var attempts = 0
        while true {
            attempts += 1
            guard let live = try await client.find(resource, key), let wanted = try await fields(live) else {
                return false
            }
            do { return try await write(wanted, to: live) } catch let error as APIError where error.isNotFound {
                return false
            } catch let error as APIError where error.isConflict && attempts < StatusEditor.attempts {
                continue
            }
        }
    }

    /// Writes fields of the status to the version of the object that was read, and to no other.
    ///
    /// - Returns: Whether anything was written: what is there already is not.
    /// - Throws: A conflict, if the object has changed since.
    @discardableResult
    package func write(_ fields: JSONValue, to live: UnstructuredObject) async throws -> Bool {
        let status = live.json["status"] ?? .object([:])
        guard (fields.object ?? [:]).contains(where: { status[$0.key] != $0.value }) else { return false }
        let patch: JSONValue = [
            "metadata": ["resourceVersion": .string(live.metadata.resourceVersion)], "status": fields,
        ]
        _ = try await client.patch(resource, live.key, .merge(patch), fieldManager: manager, subresource: "status")
        return true
    }

    private static let attempts = 5
}
