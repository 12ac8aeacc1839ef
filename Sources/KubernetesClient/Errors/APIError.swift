import KubernetesModel

/// The API server answered, and the answer is no.
package struct APIError: Error, Hashable, Sendable {
    /// One reason among several, as in `status.details.causes`.
    package struct Cause: Hashable, Sendable {
        /// Path of the field it is about, such as `.spec.replicas`; empty for the object.
        package var field: String
        /// A CamelCase word, such as `FieldValueInvalid`.
        package var reason: String
        package var message: String

        package init(field: String = "", reason: String, message: String) {
            self.field = field
            self.reason = reason
            self.message = message
        }
    }

    /// The HTTP status, or the code of a watch's ERROR event.
    package var status: Int
    /// A CamelCase word, such as `NotFound`; empty if the answer was no `Status` object.
    package var reason: String
    package var message: String
    package var causes: [Cause]
    /// What the server asks to wait before the next attempt.
    package var retryAfterSeconds: Int?
    /// What was asked: `PATCH deployments.apps istio-system/istiod`.
    package var request: String

    package init(
        status: Int, reason: String = "", message: String, causes: [Cause] = [], retryAfterSeconds: Int? = nil,
        request: String
    ) {
        self.status = status
        self.reason = reason
        self.message = message
        self.causes = causes
        self.retryAfterSeconds = retryAfterSeconds
        self.request = request
    }

    package var isBadRequest: Bool { status == 400 }
    package var isUnauthorized: Bool { status == 401 }
    package var isForbidden: Bool { status == 403 }
    package var isNotFound: Bool { status == 404 }
    /// The object changed since it was read, or others own the fields.
    package var isConflict: Bool { status == 409 && reason != "AlreadyExists" }
    package var isAlreadyExists: Bool { status == 409 && reason == "AlreadyExists" }
    /// The resource version is too old.
    package var isGone: Bool { status == 410 }
    /// The object's content was refused.
    package var isInvalid: Bool { status == 422 }
    package var isTooManyRequests: Bool { status == 429 }
    /// Whether the same request may succeed a little later without anybody changing anything.
    package var isRetryable: Bool { status == 429 || status >= 500 }
}

extension APIError {
    /// Reads an error answer.
    ///
    /// - Parameters:
    ///   - body: A `Status` object, or whatever a proxy in between had to say.
    ///   - retryAfter: The header's value.
    init(status: Int, body: some Collection<UInt8>, retryAfter: String?, request: String) {
        let json = try? JSONValue(parsing: body)
        if let json, json["kind"]?.string == "Status" {
            self.init(statusObject: json, status: status, retryAfter: retryAfter, request: request)
        } else {
            let text = String(decoding: body.prefix(300), as: UTF8.self)
                .split(whereSeparator: \.isNewline).joined(separator: " ")
            self.init(
                status: status, message: text.isEmpty ? APIError.phrase(for: status) : text,
                retryAfterSeconds: retryAfter.flatMap { Int($0) }, request: request)
        }
    }

    /// Reads a `Status` object.
    ///
    /// - Parameter status: The HTTP status; nil to take the object's code (ERROR events of watches).
    init(statusObject json: JSONValue, status: Int? = nil, retryAfter: String? = nil, request: String) {
        let status = status ?? Int(json["code"]?.integer ?? 500)
        let causes = (json["details", "causes"]?.array ?? []).map { cause in
            Cause(
                field: cause["field"]?.string ?? "", reason: cause["reason"]?.string ?? "",
                message: cause["message"]?.string ?? "")
        }
        let seconds = json["details", "retryAfterSeconds"]?.integer.flatMap { Int(exactly: $0) }
        self.init(
            status: status, reason: json["reason"]?.string ?? "",
            message: json["message"]?.string ?? APIError.phrase(for: status), causes: causes,
            retryAfterSeconds: retryAfter.flatMap { Int($0) } ?? seconds.flatMap { $0 > 0 ? $0 : nil },
            request: request)
    }

    private static func phrase(for status: Int) -> String {
        switch status {
        case 401: "the credentials were not accepted"
        case 403: "not allowed"
        case 404: "not found"
        case 429: "too many requests"
        case 502, 503, 504: "the API server is not available"
        default: "no explanation was given"
        }
    }
}

extension APIError: CustomStringConvertible {
    /// What was asked, what the server said, and for some answers what to do. One line.
    package var description: String {
        let word = reason.isEmpty ? "" : " \(reason)"
        let text = "\(request): the API server answered \(status)\(word): \(message)"
        return advice.map { "\(text). \($0)" } ?? text
    }

    private var advice: String? {
        switch status {
        case 401: "Check the token, certificate or plugin of the kubeconfig's user"
        case 403: "Grant it by a Role or ClusterRole bound to this user"
        default: nil
        }
    }
}
