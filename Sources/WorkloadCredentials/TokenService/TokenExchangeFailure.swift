import KubernetesModel
import Observability

/// Why there is no token, as OAuth says it.
struct TokenExchangeFailure: Error, Hashable, Sendable {
    /// The words of RFC 6749 (5.2) and RFC 8693 (2.2.2), and two for what these do not speak of.
    enum Code: String, Sendable {
        case invalidRequest = "invalid_request"
        case invalidClient = "invalid_client"
        case invalidGrant = "invalid_grant"
        case unauthorizedClient = "unauthorized_client"
        case unsupportedGrantType = "unsupported_grant_type"
        case invalidScope = "invalid_scope"
        case invalidTarget = "invalid_target"
        /// Who gives tokens answered what nobody understands.
        case serverError = "server_error"
        /// Who gives tokens does not answer now.
        case temporarilyUnavailable = "temporarily_unavailable"
    }

    var code: Code
    /// Of the characters that RFC 6749 allows.
    let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = Self.allowed(description)
    }

    /// Whether another try may succeed.
    var mayPass: Bool { code == .temporarilyUnavailable }

    private var status: Int {
        switch code {
        case .invalidClient: 401
        case .serverError: 502
        case .temporarilyUnavailable: 503
        default: 400
        }
    }

    /// The answer to who asked.
    var reply: HTTPReply {
        .token(["error": .string(code.rawValue), "error_description": .string(description)], status: status)
    }

    /// Printable ASCII without quotes and backslashes, and not too much of it.
    private static func allowed(_ text: String) -> String {
        let octets = text.utf8.prefix(1000).map { octet in
            switch octet {
            case UInt8(ascii: "\""): UInt8(ascii: "'")
            case UInt8(ascii: "\\"): UInt8(ascii: "/")
            case 0x20...0x7E: octet
            case 0x09, 0x0A, 0x0D: UInt8(ascii: " ")
            default: UInt8(ascii: "?")
            }
        }
        return String(decoding: octets, as: UTF8.self)
    }
}

extension HTTPReply {
    /// A JSON answer that nobody on the way may keep.
    static func token(_ json: JSONValue, status: Int = 200) -> HTTPReply {
        var reply = HTTPReply.text(json.jsonText + "\n", status: status, contentType: "application/json")
        reply.headers = [.init(name: "cache-control", value: "no-store"), .init(name: "pragma", value: "no-cache")]
        return reply
    }
}
