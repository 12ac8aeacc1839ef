package import KubernetesClient
import KubernetesModel

/// Finds out who may look at what of the control plane.
package protocol AccessReviewing: Sendable {
    /// Whether a user may read a path of no resource, such as `/debug/syncz`.
    ///
    /// - Throws: When nobody could be asked.
    func mayRead(_ path: String, _ user: AuthenticatedUser) async throws -> Bool
}

/// Asks the API server: what ClusterRoles with `nonResourceURLs` say.
package struct AccessReviewer: AccessReviewing {
    private let client: KubernetesClient

    package init(client: KubernetesClient) { self.client = client }

    package func mayRead(_ path: String, _ user: AuthenticatedUser) async throws -> Bool {
        let review = UnstructuredObject([
            "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
            "spec": [
                "user": .string(user.name), "uid": .string(user.uid), "groups": JSONValue(user.groups),
                "extra": .object(user.extra.mapValues { JSONValue($0) }),
                "nonResourceAttributes": ["path": .string(path), "verb": "get"],
            ],
        ])
        let answer = try await client.create(.subjectAccessReviews, review, fieldManager: "pilot-discovery")
        return answer.json["status", "allowed"]?.bool == true
    }
}

/// Remembers answers for 10 seconds: whoever polls does not make the API server work for every poll.
package struct CachedAccessReviews: AccessReviewing {
    private struct Key: Hashable, Sendable {
        var path: String
        var user: AuthenticatedUser
    }

    private let reviews: any AccessReviewing
    private let cache: ReviewCache<Key, Bool>

    /// - Parameter now: Seconds since 1970.
    package init(_ reviews: any AccessReviewing, now: @escaping @Sendable () -> Double) {
        self.reviews = reviews
        cache = ReviewCache(capacity: 1000, now: now) { _, _ in 10 }
    }

    package func mayRead(_ path: String, _ user: AuthenticatedUser) async throws -> Bool {
        try await cache.answer(for: Key(path: path, user: user)) { [reviews] in
            try await reviews.mayRead(path, user)
        }
    }
}

extension APIResource {
    fileprivate static let subjectAccessReviews = APIResource(
        group: "authorization.k8s.io", version: "v1", kind: "SubjectAccessReview", plural: "subjectaccessreviews",
        isNamespaced: false)
}
