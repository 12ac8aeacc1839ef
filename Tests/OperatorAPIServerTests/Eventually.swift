import KubernetesClient
import KubernetesModel
import KubernetesTesting
import Synchronization

extension TestCluster {
    /// Watches one object until it is as it should be.
    ///
    /// Goes on over everything that may end a watch: tests take the API server away.
    ///
    /// - Parameters:
    ///   - what: What is waited for, in words.
    ///   - condition: Told the object, nil while there is none.
    /// - Returns: The object that fulfils the condition.
    /// - Throws: `NotYet` after the time given.
    @discardableResult
    func eventually(
        _ what: String, _ resource: APIResource, _ key: ObjectKey, within limit: Duration = .seconds(90),
        _ condition: @escaping @Sendable (UnstructuredObject?) -> Bool
    ) async throws -> UnstructuredObject? {
        let last = Sight()
        return try await withThrowingTaskGroup(of: UnstructuredObject?.self) { group in
            group.addTask {
                while true {
                    do {
                        return try await self.watch(resource, key) { object in
                            last.text.withLock { $0 = object?.legible ?? "no such object" }
                            return condition(object)
                        }
                    } catch {
                        try Task.checkCancellation()
                        last.text.withLock { $0 += "; then \(error)" }
                        try await Task.sleep(for: .milliseconds(50))  // the server is away
                    }
                }
            }
            group.addTask {
                try await Task.sleep(for: limit)
                throw NotYet(what: what, resource: resource, key: key, limit: limit, last: last.text.withLock { $0 })
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }

    private func watch(
        _ resource: APIResource, _ key: ObjectKey, until condition: (UnstructuredObject?) -> Bool
    ) async throws -> UnstructuredObject? {
        let scope = ListScope(namespace: key.namespace, fieldSelector: "metadata.name=\(key.name)")
        let list = try await client.list(resource, reader: .unstructured, in: scope)
        if condition(list.items.first) { return list.items.first }
        for try await event in client.watch(resource, reader: .unstructured, in: scope, from: list.resourceVersion)
        where event.kind != .bookmark {
            let object = event.kind == .deleted ? nil : event.object
            if condition(object) { return object }
        }
        throw WatchEnded()
    }
}

/// What was waited for did not come in time.
struct NotYet: Error, CustomStringConvertible {
    var what: String
    var resource: APIResource
    var key: ObjectKey
    var limit: Duration
    var last: String

    var description: String { "\(what): not within \(limit); last seen of \(resource) \(key): \(last)" }
}

private struct WatchEnded: Error {}

extension UnstructuredObject {
    /// For messages: not who owns which field.
    fileprivate var legible: String {
        var json = json
        json["metadata", "managedFields"] = nil
        return json.jsonText
    }
}

/// What was seen last.
private final class Sight: Sendable {
    let text = Mutex("nothing")
}

/// Runs `background` as long as `body` runs.
func during<Value: Sendable>(
    _ background: @escaping @Sendable () async throws -> Void, _ body: () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            do { try await background() } catch  where Task.isCancelled {}
        }
        defer { group.cancelAll() }
        return try await body()
    }
}
