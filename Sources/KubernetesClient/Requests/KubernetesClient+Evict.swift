package import KubernetesModel
import NIOCore
import NIOHTTP1
import Synchronization

/// What became of an eviction.
package enum EvictionVerdict: Hashable, Sendable {
    /// The Pod is being ended.
    case evicted
    /// A PodDisruptionBudget, or the server's load, forbids it for now.
    case refused(message: String, retryAfter: Duration?)
    /// There is no such Pod.
    case notFound
}

extension KubernetesClient {
    /// Ends a Pod if its PodDisruptionBudgets allow it.
    ///
    /// - Parameter gracePeriodSeconds: Time for the Pod to end; nil for its own.
    package func evict(pod key: ObjectKey, gracePeriodSeconds: Int? = nil) async throws -> EvictionVerdict {
        var eviction: JSONValue = [
            "apiVersion": .string("policy/" + (try await evictionVersion())), "kind": "Eviction",
            "metadata": ["name": .string(key.name), "namespace": .string(key.namespace)],
        ]
        if let gracePeriodSeconds {
            eviction["deleteOptions", "gracePeriodSeconds"] = .integer(Int64(gracePeriodSeconds))
        }
        var call = Call(
            method: .POST,
            path: APIResource.pods.path(namespace: key.namespace, name: key.name, subresource: "eviction"),
            subject: "EVICT pods \(key)", repeatability: .writeWithMeaningful429)
        call.body = ByteBuffer(bytes: eviction.jsonBytes)
        do {
            _ = try await send(call)
            return .evicted
        } catch let error as APIError where error.isTooManyRequests {
            let reasons = error.causes.map(\.message).filter { !$0.isEmpty }
            return .refused(
                message: ([error.message] + reasons).joined(separator: " "),
                retryAfter: error.retryAfterSeconds.map { .seconds($0) })
        } catch let error as APIError where error.isNotFound {
            return .notFound
        }
    }

    /// The version of `policy` in which the server takes evictions: `v1` since Kubernetes 1.22, `v1beta1` before.
    private func evictionVersion() async throws -> String {
        if let known = memory.withLock({ $0.evictionVersion }) { return known }
        let core = try await json(Call(method: .GET, path: "/api/v1", subject: "GET /api/v1"))
        let entry = core["resources"]?.array?.first { $0["name"]?.string == "pods/eviction" }
        let version = entry?["version"]?.string ?? "v1beta1"
        memory.withLock { $0.evictionVersion = version }
        return version
    }
}
