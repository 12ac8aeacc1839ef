package import KubernetesModel
import NIOCore
import NIOHTTP1

extension KubernetesClient {
    /// Creates an object.
    ///
    /// - Parameter dryRun: The server checks and answers as if, but stores nothing.
    /// - Returns: The object as the server has it now.
    /// - Throws: `APIError` with `isAlreadyExists` if there is one of that name.
    package func create(
        _ resource: APIResource, _ object: UnstructuredObject, fieldManager: String, dryRun: Bool = false
    ) async throws -> UnstructuredObject {
        let call = Call(
            method: .POST, path: resource.path(namespace: object.namespace),
            subject: "CREATE \(resource) \(object.key)", repeatability: .write)
        return try await write(call, object.json, fieldManager: fieldManager, dryRun: dryRun)
    }

    /// Replaces an object.
    ///
    /// If it carries a `resourceVersion`, only that version of it is replaced.
    ///
    /// - Parameter subresource: Such as `status`; nil for the object itself.
    /// - Throws: `APIError` with `isConflict` if it has changed since it was read.
    package func update(
        _ resource: APIResource, _ object: UnstructuredObject, fieldManager: String, subresource: String? = nil,
        dryRun: Bool = false
    ) async throws -> UnstructuredObject {
        let key = object.key
        let call = Call(
            method: .PUT, path: resource.path(namespace: key.namespace, name: key.name, subresource: subresource),
            subject: "PUT \(subject(resource, key, subresource))", repeatability: .idempotentWrite)
        return try await write(call, object.json, fieldManager: fieldManager, dryRun: dryRun)
    }

    /// Makes the object have the given fields, and `fieldManager` own them (server-side apply); creates it if need be.
    /// Fields that the manager applied before and that are not given now are given up.
    ///
    /// - Parameters:
    ///   - force: Take fields from other managers.
    ///   - subresource: Such as `status`; nil for the object itself.
    /// - Throws: `ApplyConflict` if others own some of the fields and `force` is not set.
    package func apply(
        _ resource: APIResource, _ object: UnstructuredObject, fieldManager: String, force: Bool,
        subresource: String? = nil, dryRun: Bool = false
    ) async throws -> UnstructuredObject {
        let key = object.key
        var call = Call(
            method: .PATCH, path: resource.path(namespace: key.namespace, name: key.name, subresource: subresource),
            subject: "APPLY \(subject(resource, key, subresource))", repeatability: .idempotentWrite)
        call.contentType = "application/apply-patch+yaml"
        call.query.add("force", if: force)
        do {
            return try await write(call, object.json, fieldManager: fieldManager, dryRun: dryRun)
        } catch let error as APIError {
            throw ApplyConflict(error, kind: resource.kind, object: key, manager: fieldManager) ?? error
        }
    }

    /// Changes parts of an object.
    ///
    /// - Parameter subresource: Such as `status`; nil for the object itself.
    package func patch(
        _ resource: APIResource, _ key: ObjectKey, _ patch: Patch, fieldManager: String, subresource: String? = nil,
        dryRun: Bool = false
    ) async throws -> UnstructuredObject {
        var call = Call(
            method: .PATCH, path: resource.path(namespace: key.namespace, name: key.name, subresource: subresource),
            subject: "PATCH \(subject(resource, key, subresource))",
            repeatability: patch.isIdempotent ? .idempotentWrite : .write)
        call.contentType = patch.contentType
        return try await write(call, patch.body, fieldManager: fieldManager, dryRun: dryRun)
    }

    /// Deletes an object.
    ///
    /// - Parameters:
    ///   - gracePeriodSeconds: Time for a Pod to end; nil for its own.
    /// - Returns: False if there was none.
    /// - Throws: `APIError` with `isConflict` if a precondition does not hold.
    package func delete(
        _ resource: APIResource, _ key: ObjectKey, preconditions: Preconditions = .none,
        propagation: DeletionPropagation = .background, gracePeriodSeconds: Int? = nil, dryRun: Bool = false
    ) async throws -> Bool {
        var options: JSONValue = [
            "apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": .string(propagation.rawValue),
        ]
        if let gracePeriodSeconds { options["gracePeriodSeconds"] = .integer(Int64(gracePeriodSeconds)) }
        if let uid = preconditions.uid { options["preconditions", "uid"] = .string(uid) }
        if let version = preconditions.resourceVersion {
            options["preconditions", "resourceVersion"] = .string(version)
        }
        if dryRun { options["dryRun"] = ["All"] }
        var call = Call(
            method: .DELETE, path: resource.path(namespace: key.namespace, name: key.name),
            subject: "DELETE \(resource) \(key)", repeatability: .idempotentWrite)
        call.body = ByteBuffer(bytes: options.jsonBytes)
        do {
            _ = try await send(call)
            return true
        } catch let error as APIError where error.isNotFound {
            return false
        }
    }

    func subject(_ resource: APIResource, _ key: ObjectKey, _ subresource: String?) -> String {
        "\(resource)\(subresource.map { "/" + $0 } ?? "") \(key)"
    }

    private func write(
        _ call: Call, _ body: JSONValue, fieldManager: String, dryRun: Bool
    ) async throws -> UnstructuredObject {
        var call = call
        call.query.add("fieldManager", fieldManager)
        if dryRun { call.query.add("dryRun", "All") }
        call.body = ByteBuffer(bytes: body.jsonBytes)
        let response = try await send(call)
        return try ObjectReader.unstructured.object(response.body)
    }
}

extension Patch {
    /// Whether applying it twice gives what applying it once gives. JSON patches may append.
    fileprivate var isIdempotent: Bool {
        if case .json = self { false } else { true }
    }
}
