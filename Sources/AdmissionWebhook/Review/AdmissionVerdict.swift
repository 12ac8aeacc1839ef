import KubernetesClient
package import KubernetesModel

/// What the API server is told about one object.
package enum AdmissionVerdict: Hashable, Sendable {
    /// It may enter, changed by a JSON patch (RFC 6902; empty: as it is), with words for whoever sent it.
    case allowed(patch: [JSONValue] = [], warnings: [String] = [])
    /// It may not, and why.
    case denied(message: String, warnings: [String] = [])

    /// The AdmissionReview that answers `request`.
    package func review(answering request: AdmissionRequest) -> JSONValue {
        var response: JSONValue = ["uid": .string(request.uid)]
        let words: [String]
        switch self {
        case .allowed(let patch, let warnings):
            response["allowed"] = true
            if !patch.isEmpty {
                response["patchType"] = "JSONPatch"
                response["patch"] = .string(base64Encoded(JSONValue.array(patch).jsonBytes))
            }
            words = warnings
        case .denied(let message, let warnings):
            response["allowed"] = false
            response["status"] = ["status": "Failure", "message": .string(message), "code": 400]
            words = warnings
        }
        if !words.isEmpty { response["warnings"] = JSONValue(words.map(Self.shortened)) }
        return ["apiVersion": .string(request.apiVersion), "kind": "AdmissionReview", "response": response]
    }

    /// API servers cut longer warnings off anyway.
    private static func shortened(_ warning: String) -> String {
        warning.count <= 250 ? warning : "\(warning.prefix(249))…"
    }
}
