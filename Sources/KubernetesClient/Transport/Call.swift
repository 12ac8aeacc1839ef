import KubernetesModel
import NIOCore
import NIOHTTP1

/// One request as the client means it, before credentials are added.
struct Call: Sendable {
    var method = HTTPMethod.GET
    /// From the server's root, escaped.
    var path: String
    var query = Query()
    var body: ByteBuffer?
    var contentType = "application/json"
    var accept = "application/json"
    /// For messages: `PATCH deployments.apps istio-system/istiod`.
    var subject: String
    var repeatability = RetryPolicy.Repeatability.reading
    /// Nil for the client's limit.
    var timeLimit: Duration?

    /// The path with its query.
    var target: String {
        let query = self.query.text
        guard !query.isEmpty else { return path }
        return path + (path.contains("?") ? "&" : "?") + query
    }
}

/// The part of a URL after the question mark, in the order it was added.
struct Query: Hashable, Sendable {
    private var items: [(name: String, value: String)] = []

    init() {}

    /// Adds an item; nil and the empty string add nothing.
    mutating func add(_ name: String, _ value: String?) {
        if let value, !value.isEmpty { items.append((name, value)) }
    }

    /// Adds an item `name=true`.
    mutating func add(_ name: String, if condition: Bool) {
        if condition { items.append((name, "true")) }
    }

    /// Escaped and joined; empty if there is none.
    var text: String {
        items.map { "\($0.name.percentEncodedPathSegment)=\($0.value.percentEncodedPathSegment)" }
            .joined(separator: "&")
    }

    static func == (left: Query, right: Query) -> Bool { left.text == right.text }
    func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
