package import KubernetesClient
package import KubernetesModel

/// What became of a token.
package enum TokenVerdict: Hashable, Sendable {
    case authenticated(AuthenticatedUser)
    /// Why not, for people; never holds any of the token.
    case refused(String)
}

/// Finds out whose a token is.
package protocol TokenReviewing: Sendable {
    /// - Parameter audience: For whom the token must have been issued; nil: for the API server.
    /// - Throws: When nobody could be asked.
    func review(_ token: Secret<String>, audience: String?) async throws -> TokenVerdict
}

/// Asks the API server.
package struct TokenReviewer: TokenReviewing {
    private let client: KubernetesClient

    package init(client: KubernetesClient) { self.client = client }

    package func review(_ token: Secret<String>, audience: String?) async throws -> TokenVerdict {
        var spec: JSONValue = ["token": .string(token.exposed)]
        if let audience { spec["audiences"] = [.string(audience)] }
        let review = UnstructuredObject([
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": spec,
        ])
        let answer = try await client.create(.tokenReviews, review, fieldManager: "pilot-discovery")
        return Self.verdict(answer.json["status"], audience: audience)
    }

    /// What the status of a TokenReview says.
    ///
    /// A server that knows of no audiences answers without any: then the token was issued for that server.
    package static func verdict(_ status: JSONValue?, audience: String?) -> TokenVerdict {
        guard status?["authenticated"]?.bool == true, let user = AuthenticatedUser(status?["user"]) else {
            // The server's own words ("token expired", ...) may quote what was sent.
            return .refused("the API server does not accept the token")
        }
        if let audience {
            let audiences = (status?["audiences"]?.array ?? []).compactMap(\.string)
            guard audiences.contains(audience) else {
                return .refused("the token was not issued for the audience \"\(audience)\"")
            }
        }
        return .authenticated(user)
    }
}

extension APIResource {
    fileprivate static let tokenReviews = APIResource(
        group: "authentication.k8s.io", version: "v1", kind: "TokenReview", plural: "tokenreviews",
        isNamespaced: false)
}
