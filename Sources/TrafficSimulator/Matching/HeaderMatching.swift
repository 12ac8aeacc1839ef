import EnvoyAPI

extension Call {
    /// The values of a header; none if it is not there.
    func values(of header: String) -> [String] {
        switch header.asciiLowercased {
        case ":method": [method]
        case ":path": [path]
        case ":authority", "host": host.isEmpty ? [] : [host]
        case ":scheme", "x-forwarded-proto": [security == .plaintext ? "http" : "https"]
        case let name: headers[name] ?? []
        }
    }

    /// The path without its query and fragment.
    var pathOnly: String { String(path.prefix { $0 != "?" && $0 != "#" }) }

    /// The first value of each query parameter, as it is written.
    var queryParameters: [String: String] {
        guard let start = path.firstIndex(of: "?") else { return [:] }
        let query = path[path.index(after: start)...].prefix { $0 != "#" }
        let pairs = query.split(separator: "&").map { pair -> (String, String) in
            let name = pair.prefix { $0 != "=" }
            return (String(name), String(pair.dropFirst(name.count + 1)))
        }
        return Dictionary(pairs) { first, _ in first }
    }
}

extension Envoy_Config_Route_V3_HeaderMatcher {
    /// Why a call does not match; nil if it does. Of several values any may match.
    func mismatch(_ call: Call) -> String? {
        let found = call.values(of: name)
        let values = found.isEmpty && treatMissingHeaderAsEmpty ? [""] : found
        if let isWanted = wantedPresence {
            guard values.isEmpty == (isWanted != invertMatch) else { return nil }
            return values.isEmpty ? "there is no header \(name)" : "there is a header \(name)"
        }
        if values.isEmpty { return "there is no header \(name)" }
        guard values.contains(where: matches) == invertMatch else { return nil }
        let seen = found.isEmpty ? "missing" : found.map { "\"\($0)\"" }.joined(separator: ", ")
        return "header \(name) is \(seen), \(invertMatch ? "and must not be" : "not") \(words)"
    }

    /// Whether the header has to be there, if nothing else is asked.
    private var wantedPresence: Bool? {
        switch headerMatchSpecifier {
        case .presentMatch(let isWanted): isWanted
        case nil: true
        default: nil
        }
    }

    private func matches(_ text: String) -> Bool {
        switch headerMatchSpecifier {
        case .exactMatch(let value): text == value
        case .prefixMatch(let value): text.hasPrefix(value)
        case .suffixMatch(let value): text.hasSuffix(value)
        case .containsMatch(let value): text.contains(value)
        case .safeRegexMatch(let value): value.matchesAll(of: text)
        case .stringMatch(let value): value.matches(text)
        case .rangeMatch(let range): Int64(text).map { $0 >= range.start && $0 < range.end } ?? false
        case .presentMatch, nil: true
        }
    }

    private var words: String {
        switch headerMatchSpecifier {
        case .exactMatch(let value): "\"\(value)\""
        case .prefixMatch(let value): "beginning with \"\(value)\""
        case .suffixMatch(let value): "ending with \"\(value)\""
        case .containsMatch(let value): "containing \"\(value)\""
        case .safeRegexMatch(let value): "matching \(value.regex)"
        case .stringMatch(let value): value.words
        case .rangeMatch(let range): "from \(range.start) to below \(range.end)"
        case .presentMatch, nil: "there"
        }
    }

    /// The condition in a few words: `header end-user "jason"`.
    var condition: String { "header \(name) \(invertMatch ? "not " : "")\(words)" }
}

extension Envoy_Config_Route_V3_QueryParameterMatcher {
    /// Why a call does not match; nil if it does.
    func mismatch(_ parameters: [String: String]) -> String? {
        let value = parameters[name]
        switch queryParameterMatchSpecifier {
        case .presentMatch(let isWanted):
            if (value != nil) == isWanted { return nil }
            return value == nil ? "there is no query parameter \(name)" : "there is a query parameter \(name)"
        case .stringMatch(let matcher):
            guard let value else { return "there is no query parameter \(name)" }
            return matcher.matches(value) ? nil : "query parameter \(name) is \"\(value)\", not \(matcher.words)"
        case nil:
            return value == nil ? "there is no query parameter \(name)" : nil
        }
    }
}
