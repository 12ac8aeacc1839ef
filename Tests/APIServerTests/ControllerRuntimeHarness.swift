import ControllerRuntime
import KubernetesClient
import KubernetesModel
import Logging
import ServiceLifecycle

extension KubernetesClient {
    /// Waits by a watch until an object is as `isDone` wants; nil means that there is none.
    ///
    /// - Returns: The object at that moment.
    @discardableResult
    func wait(
        _ resource: APIResource, _ key: ObjectKey, _ what: String, within limit: Duration = .seconds(60),
        until isDone: @escaping @Sendable (UnstructuredObject?) -> Bool
    ) async throws -> UnstructuredObject? {
        let scope = ListScope(namespace: key.namespace, fieldSelector: "metadata.name=\(key.name)")
        return try await within(limit, "\(resource) \(key): \(what)") {
            while true {
                let list = try await self.list(resource, reader: .unstructured, in: scope)
                if isDone(list.items.first) { return list.items.first }
                for try await event in self.watch(
                    resource, reader: .unstructured, in: scope, from: list.resourceVersion)
                where event.kind != .bookmark {
                    let object = event.kind == .deleted ? nil : event.object
                    if isDone(object) { return object }
                }
            }
        }
    }
}

/// Runs services while `body` runs, then ends them gracefully.
///
/// - Parameter body: Is given the group, to end the services itself.
func withServices<Value: Sendable>(
    _ services: [any Service], _ body: (ServiceGroup) async throws -> Value
) async throws -> Value {
    let group = ServiceGroup(services: services, logger: Logger(label: "services") { _ in SwiftLogNoOpLogHandler() })
    async let running: Void = group.run()
    let value = try await body(group)
    await group.triggerGracefulShutdown()
    try await running
    return value
}

/// What the tests' reflectors keep of a ConfigMap.
struct SeenConfigMap: KubernetesObject, Keyed, Hashable {
    var metadata: ObjectMeta
    var data: [String: String]?
}

extension Store<SeenConfigMap> {
    /// A record of its content after every change: the objects as `namespace/name=data.n`, sorted.
    func history() -> Journal<[String]> {
        let history = Journal<[String]>()
        onChange { [unowned self] _ in
            history.add(objects.map { "\($0.key)=\($0.data?["n"] ?? "")" }.sorted())
        }
        return history
    }
}

/// Runs one service; says nothing.
func serviceGroup(_ service: any Service) -> ServiceGroup {
    ServiceGroup(services: [service], logger: Logger(label: "services") { _ in SwiftLogNoOpLogHandler() })
}
