/// A way to compare a text.
package enum TextMatch: Hashable, Sendable {
    case exact(String)
    case prefix(String)
    /// The whole text matches the expression (RE2).
    case regex(String)
    /// There is one, whatever it says.
    case present
}

/// Conditions that a request must meet, all of them.
package struct HTTPMatch: Hashable, Sendable {
    package var name: String
    /// The path without the query.
    package var path: TextMatch?
    /// Upper and lower case of the path are the same.
    package var ignoresPathCase: Bool
    package var scheme: TextMatch?
    package var method: TextMatch?
    package var authority: TextMatch?
    package var headers: [String: TextMatch]
    /// Headers that must be absent, or say something else.
    package var withoutHeaders: [String: TextMatch]
    package var queryParameters: [String: TextMatch]
    package var client: ClientMatch
    /// Under which the proxy counts requests; empty for none.
    package var statPrefix: String

    package init(path: TextMatch? = nil, client: ClientMatch = .init()) {
        name = ""
        self.path = path
        ignoresPathCase = false
        scheme = nil
        method = nil
        authority = nil
        headers = [:]
        withoutHeaders = [:]
        queryParameters = [:]
        self.client = client
        statPrefix = ""
    }

    /// Every request meets it that its client may send at all.
    package var takesAll: Bool {
        switch path {
        case nil, .prefix("/"), .prefix(""), .regex(".*"), .present: break
        default: return false
        }
        return scheme == nil && method == nil && authority == nil && headers.isEmpty && withoutHeaders.isEmpty
            && queryParameters.isEmpty
    }
}
