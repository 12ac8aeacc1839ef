package import KubernetesModel
import NIOCore
import NIOHTTP1

extension KubernetesClient {
    /// One object.
    ///
    /// - Throws: `APIError` with `isNotFound` if there is none.
    package func get(_ resource: APIResource, _ key: ObjectKey) async throws -> UnstructuredObject {
        try await get(reader: .unstructured, resource, key)
    }

    /// One object, the fields that `type` names.
    package func get<Object: KubernetesObject>(
        _ type: Object.Type, _ resource: APIResource, _ key: ObjectKey
    ) async throws -> Object {
        try await get(reader: .decodable(type), resource, key)
    }

    /// One object; nil if there is none.
    package func find(_ resource: APIResource, _ key: ObjectKey) async throws -> UnstructuredObject? {
        try await orNil { try await get(resource, key) }
    }

    /// One object, the fields that `type` names; nil if there is none.
    package func find<Object: KubernetesObject>(
        _ type: Object.Type, _ resource: APIResource, _ key: ObjectKey
    ) async throws -> Object? {
        try await orNil { try await get(type, resource, key) }
    }

    private func get<Object>(
        reader: ObjectReader<Object>, _ resource: APIResource, _ key: ObjectKey
    ) async throws -> Object {
        let response = try await send(
            Call(
                method: .GET, path: resource.path(namespace: key.namespace, name: key.name),
                subject: "GET \(resource) \(key)"))
        return try reader.object(response.body)
    }

    private func orNil<Object>(_ body: () async throws -> Object) async throws -> Object? {
        do {
            return try await body()
        } catch let error as APIError where error.isNotFound {
            return nil
        }
    }

    /// All objects of a kind, read page by page, as they were at one resource version.
    package func list<Object>(
        _ resource: APIResource, reader: ObjectReader<Object>, in scope: ListScope = ListScope()
    ) async throws -> ObjectList<Object> {
        // The server keeps the version of a first page for some minutes only. If it is gone before the last page, a
        // list in one piece is the way out.
        do {
            return try await list(resource, reader: reader, in: scope, pageSize: limits.pageSize)
        } catch let error as APIError where error.isGone {
            return try await list(resource, reader: reader, in: scope, pageSize: nil)
        }
    }

    private func list<Object>(
        _ resource: APIResource, reader: ObjectReader<Object>, in scope: ListScope, pageSize: Int?
    ) async throws -> ObjectList<Object> {
        var items: [Object] = []
        let version = try await forEachPage(resource, reader: reader, in: scope, pageSize: pageSize) {
            items.append(contentsOf: $0)
        }
        return ObjectList(items: items, resourceVersion: version)
    }

    /// Hands over all objects of a kind page by page, so that never more than one page is held.
    ///
    /// - Returns: The resource version that all pages show.
    /// - Throws: `APIError` with `isGone` if reading took so long that the server has forgotten that version.
    @discardableResult
    package func forEachPage<Object>(
        _ resource: APIResource, reader: ObjectReader<Object>, in scope: ListScope = ListScope(),
        _ body: ([Object]) async throws -> Void
    ) async throws -> String {
        try await forEachPage(resource, reader: reader, in: scope, pageSize: limits.pageSize, body)
    }

    private func forEachPage<Object>(
        _ resource: APIResource, reader: ObjectReader<Object>, in scope: ListScope, pageSize: Int?,
        _ body: ([Object]) async throws -> Void
    ) async throws -> String {
        var continueToken = ""
        while true {
            var call = Call(
                method: .GET, path: resource.path(namespace: scope.namespace),
                subject: "LIST \(resource)\(scope.suffix)")
            call.query = scope.query
            call.query.add("limit", pageSize.map { String($0) })
            call.query.add("continue", continueToken)
            let page = try reader.page(try await send(call).body, resource)
            try await body(page.items)
            continueToken = page.continueToken
            if continueToken.isEmpty { return page.resourceVersion }
        }
    }

    /// The changes of a kind's objects.
    ///
    /// - Parameter resourceVersion: Of the list, or of the last event, to go on from.
    package func watch<Object>(
        _ resource: APIResource, reader: ObjectReader<Object>, in scope: ListScope = ListScope(),
        from resourceVersion: String
    ) -> WatchEvents<Object> {
        WatchEvents(client: self, resource: resource, reader: reader, scope: scope, resourceVersion: resourceVersion)
    }
}
