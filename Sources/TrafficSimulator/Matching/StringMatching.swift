import EnvoyAPI

extension Envoy_Type_Matcher_V3_StringMatcher {
    /// Whether a text matches. What cannot be decided here does not.
    func matches(_ text: String) -> Bool {
        func folded(_ text: String) -> String { ignoreCase ? text.asciiLowercased : text }
        switch matchPattern {
        case .exact(let value): return folded(text) == folded(value)
        case .prefix(let value): return folded(text).hasPrefix(folded(value))
        case .suffix(let value): return folded(text).hasSuffix(folded(value))
        case .contains(let value): return value.isEmpty || folded(text).contains(folded(value))
        case .safeRegex(let value): return value.matchesAll(of: text)
        case .custom, nil: return false
        }
    }

    /// What it asks for, in words that end a sentence: `"jason"`, `beginning with "v"`.
    var words: String {
        let value =
            switch matchPattern {
            case .exact(let value): "\"\(value)\""
            case .prefix(let value): "beginning with \"\(value)\""
            case .suffix(let value): "ending with \"\(value)\""
            case .contains(let value): "containing \"\(value)\""
            case .safeRegex(let value): "matching \(value.regex)"
            case .custom, nil: "decided by an extension"
            }
        return ignoreCase ? value + " in letters of any case" : value
    }
}

extension Envoy_Type_Matcher_V3_RegexMatcher {
    /// Whether all of a text matches.
    func matchesAll(of text: String) -> Bool { expression.flatMap { try? $0.wholeMatch(in: text) } != nil }

    /// Whether a part of a text matches.
    func matchesPart(of text: String) -> Bool { expression.flatMap { try? $0.firstMatch(in: text) } != nil }

    /// Nil if it cannot be read, and then nothing matches it.
    private var expression: Regex<AnyRegexOutput>? {
        (try? Regex(regex))?.asciiOnlyCharacterClasses().matchingSemantics(.unicodeScalar)
    }
}

extension StringProtocol {
    /// With the letters A to Z in lower case, and all else as it is.
    var asciiLowercased: String {
        String(decoding: utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}
