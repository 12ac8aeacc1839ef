import Authentication
package import KubernetesClient
import KubernetesModel
package import MeshModel

/// Finds out whether a gateway may have Secrets.
package protocol SecretAuthorizer: Sendable {
    /// Whether a workload may read the Secrets of its own namespace.
    ///
    /// - Throws: When nobody could be asked.
    func mayReadSecrets(_ workload: WorkloadIdentity) async throws -> Bool
}

/// Asks the API server: a gateway is sent what its ServiceAccount could read by itself, so that who may run Pods in a
/// namespace, and may not read its Secrets, does not read them by way of a gateway.
package struct APISecretAuthorizer: SecretAuthorizer {
    private let client: KubernetesClient

    package init(client: KubernetesClient) { self.client = client }

    package func mayReadSecrets(_ workload: WorkloadIdentity) async throws -> Bool {
        let review = UnstructuredObject([
            "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
            "spec": [
                "user": .string("system:serviceaccount:\(workload.namespace):\(workload.serviceAccount)"),
                "groups": [
                    "system:serviceaccounts", .string("system:serviceaccounts:\(workload.namespace)"),
                    "system:authenticated",
                ],
                "resourceAttributes": [
                    "namespace": .string(workload.namespace), "verb": "list", "resource": "secrets",
                ],
            ],
        ])
        let answer = try await client.create(Self.reviews, review, fieldManager: "pilot-discovery")
        return answer.json["status", "allowed"]?.bool == true
    }

    private static let reviews = APIResource(
        group: "authorization.k8s.io", version: "v1", kind: "SubjectAccessReview", plural: "subjectaccessreviews",
        isNamespaced: false)
}

/// Remembers answers: yes for a minute, no for five seconds.
package struct CachedSecretAuthorizer: SecretAuthorizer {
    private let authorizer: any SecretAuthorizer
    private let cache: ReviewCache<WorkloadIdentity, Bool>

    /// - Parameter now: Seconds since 1970.
    package init(_ authorizer: any SecretAuthorizer, now: @escaping @Sendable () -> Double) {
        self.authorizer = authorizer
        cache = ReviewCache(capacity: 1000, now: now) { _, isAllowed in isAllowed ? 60 : 5 }
    }

    package func mayReadSecrets(_ workload: WorkloadIdentity) async throws -> Bool {
        try await cache.answer(for: workload) { [authorizer] in try await authorizer.mayReadSecrets(workload) }
    }
}
