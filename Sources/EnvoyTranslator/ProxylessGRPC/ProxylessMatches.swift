import MeshModel

extension HTTPMatch {
    /// Conditions for calls of gRPC that say the same: a call has to meet all of any of them. None: no call can meet these.
    ///
    /// What all calls have in common, or none has, is decided here: libraries look at paths and metadata alone. To them a
    /// header that is missing never differs from a value, so that a condition on what one must not say becomes two: it says
    /// something else, or it is missing.
    var ofCalls: [HTTPMatch] {
        guard queryParameters.isEmpty, scheme == nil, authority == nil, method?.includes("POST") ?? true,
            (Array(headers.keys) + withoutHeaders.keys).allSatisfy({ RequestClaim($0) == nil })
        else { return [] }
        var plain = self
        plain.method = nil
        return withoutHeaders.sorted { $0.key < $1.key }.reduce([plain]) { matches, header in
            guard header.value != .present else { return matches }
            return matches
                + matches.map { match in
                    var match = match
                    match.withoutHeaders[header.key] = .present
                    return match
                }
        }
    }
}

extension TextMatch {
    /// Whether a text is so.
    fileprivate func includes(_ text: String) -> Bool {
        switch self {
        case .exact(let whole): text == whole
        case .prefix(let start): text.hasPrefix(start)
        case .regex(let expression): (try? Regex(expression).wholeMatch(in: text)) != nil
        case .present: true
        }
    }
}
