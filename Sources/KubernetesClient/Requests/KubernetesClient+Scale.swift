package import KubernetesModel
import NIOCore
import NIOHTTP1

extension KubernetesClient {
    /// How many replicas an object asks for, by its `scale` subresource.
    package func scale(_ resource: APIResource, _ key: ObjectKey) async throws -> Int {
        let call = Call(
            method: .GET, path: resource.path(namespace: key.namespace, name: key.name, subresource: "scale"),
            subject: "GET \(subject(resource, key, "scale"))")
        let scale = try ObjectReader.unstructured.object(try await send(call).body)
        return Int(scale.json["spec", "replicas"]?.integer ?? 0)  // left out when 0
    }

    /// Asks for another number of replicas, by the `scale` subresource.
    ///
    /// - Returns: The number the server has now.
    @discardableResult
    package func setScale(
        _ resource: APIResource, _ key: ObjectKey, replicas: Int, fieldManager: String, dryRun: Bool = false
    ) async throws -> Int {
        let scale = try await patch(
            resource, key, .merge(["spec": ["replicas": .integer(Int64(replicas))]]), fieldManager: fieldManager,
            subresource: "scale", dryRun: dryRun)
        return Int(scale.json["spec", "replicas"]?.integer ?? 0)
    }
}
