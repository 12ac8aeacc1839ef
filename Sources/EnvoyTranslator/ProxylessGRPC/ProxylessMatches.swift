import MeshModel

extension HTTPMatch {
    /// More conditions that become two each would make too many of one.
    private static let mostSplit = 4

    /// Conditions for calls of gRPC that say the same: a call has to meet all of any of them. None: no call can meet these,
    /// or libraries cannot be told of them.
    ///
    /// What all calls have in common, or none has, is decided here: libraries look at paths and metadata alone. To them a
    /// header that is missing never differs from a value, so that a condition on what one must not say becomes two: it says
    /// something else, or it is missing. Each doubles what there is: with more than four of them none is told at all.
    var ofCalls: [HTTPMatch] {
        guard queryParameters.isEmpty, scheme == nil, authority == nil, method?.includesPOST ?? true,
            (Array(headers.keys) + withoutHeaders.keys).allSatisfy({ RequestClaim($0) == nil })
        else { return [] }
        let split = withoutHeaders.filter { $0.value != .present }.keys.sorted()
        guard split.count <= Self.mostSplit else { return [] }
        var plain = self
        plain.method = nil
        return split.reduce([plain]) { matches, header in
            matches
                + matches.map { match in
                    var match = match
                    match.withoutHeaders[header] = .present
                    return match
                }
        }
    }
}

extension TextMatch {
    /// Whether `POST`, the method of all calls, is known to be so.
    fileprivate var includesPOST: Bool {
        switch self {
        case .exact(let whole): whole == "POST"
        case .prefix(let start): "POST".hasPrefix(start)
        case .regex(let expression): expression.includesPOST
        case .present: true
        }
    }
}

extension String {
    /// Whether the expression is one of those that are told at sight to match `POST`. It is never run: that could take
    /// forever.
    fileprivate var includesPOST: Bool {
        if self == ".*" || self == ".+" { return true }
        var words = self[...]
        if words.hasPrefix("^") { words.removeFirst() }
        if words.hasSuffix("$") { words.removeLast() }
        if words.hasPrefix("("), words.hasSuffix(")") { words = words.dropFirst().dropLast() }
        let alternatives = words.split(separator: "|", omittingEmptySubsequences: false)
        return alternatives.contains("POST")
            && alternatives.allSatisfy { $0.allSatisfy { $0.isASCII && $0.isLetter } }
    }
}
