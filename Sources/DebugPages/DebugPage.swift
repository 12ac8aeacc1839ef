import FoundationEssentials
import KubernetesModel
import Observability

/// What one path below `/debug` shows; the same over HTTP and over xDS.
package struct DebugPage: Sendable {
    /// The path's last part, such as `syncz`.
    package var name: String
    /// For the index.
    package var summary: String
    var answer: @Sendable (DebugRequest) async -> DebugAnswer

    init(_ name: String, _ summary: String, answer: @escaping @Sendable (DebugRequest) async -> DebugAnswer) {
        self.name = name
        self.summary = summary
        self.answer = answer
    }
}

/// What a page is made of: everything it may look at.
struct DebugRequest: Sendable {
    var state: any DiscoveryState
    var site: DebugSite
    var now: Date
    /// Of the request's query; empty for a name without a value.
    var parameter: @Sendable (String) -> String?
}

/// What a control plane knows of itself.
package struct DebugSite: Hashable, Sendable {
    /// Of this control plane, which its proxies therefore have.
    package var revision: String
    /// Where it runs.
    package var namespace: String
    /// This replica's name.
    package var identity: String
    /// Pages that change something are answered.
    package var allowsUnsafe: Bool

    package init(revision: String, namespace: String, identity: String, allowsUnsafe: Bool = false) {
        self.revision = revision
        self.namespace = namespace
        self.identity = identity
        self.allowsUnsafe = allowsUnsafe
    }
}

/// A page's content, or why there is none.
enum DebugAnswer: Sendable {
    case json(JSONValue)
    case text(String)
    /// The request names nothing, or what is not there.
    case invalid(String)
    case notFound(String)
    /// Nobody may, as things are set.
    case forbidden(String)

    var reply: HTTPReply {
        switch self {
        case .json: HTTPReply(status: 200, contentType: "application/json", body: bytes)
        case .text: HTTPReply(status: 200, contentType: "text/plain; charset=utf-8", body: bytes)
        case .invalid: HTTPReply(status: 400, contentType: "text/plain; charset=utf-8", body: bytes)
        case .notFound: HTTPReply(status: 404, contentType: "text/plain; charset=utf-8", body: bytes)
        case .forbidden: HTTPReply(status: 403, contentType: "text/plain; charset=utf-8", body: bytes)
        }
    }

    var bytes: [UInt8] {
        switch self {
        case .json(let json): json.jsonBytes
        case .text(let text): Array(text.utf8)
        case .invalid(let text), .notFound(let text), .forbidden(let text): Array("\(text)\n".utf8)
        }
    }
}
