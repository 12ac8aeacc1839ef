import EnvoyAPI
import SwiftProtobuf

/// A value in a policy: as it stands, or with `*` at its beginning, at its end, or alone for anything but nothing.
enum TextPattern: Hashable {
    case exact(String)
    case prefix(String)
    case suffix(String)
    case any

    init(_ text: String) {
        if text == "*" {
            self = .any
        } else if text.hasPrefix("*") {
            self = .suffix(String(text.dropFirst()))
        } else if text.hasSuffix("*") {
            self = .prefix(String(text.dropLast()))
        } else {
            self = .exact(text)
        }
    }

    /// A text of which each `*` stands for anything, as a regular expression.
    static func expression(_ text: String) -> String {
        text.split(separator: "*", omittingEmptySubsequences: false).map(quoted).joined(separator: ".*")
    }

    /// A text as a regular expression that matches nothing else.
    static func quoted(_ text: some StringProtocol) -> String {
        String(text.flatMap { #"\.+*?()|[]{}^$"#.contains($0) ? ["\\", $0] : [$0] })
    }
}

extension Envoy_Type_Matcher_V3_StringMatcher {
    static func suffix(_ text: String) -> Self { .with { $0.suffix = text } }
    static func expression(_ regex: String) -> Self { .with { $0.safeRegex.regex = regex } }
    /// Anything that is not empty.
    static let something = expression(".+")

    init(_ pattern: TextPattern) {
        switch pattern {
        case .exact(let text): self = .exact(text)
        case .prefix(let text): self = .prefix(text)
        case .suffix(let text): self = .suffix(text)
        case .any: self = .something
        }
    }
}

extension Envoy_Config_Route_V3_HeaderMatcher {
    /// A header that is like a value of a policy; `*` if it is there at all.
    init(_ name: String, _ value: String, ignoringCase: Bool = false) {
        self.init()
        self.name = name
        let pattern = TextPattern(value)
        if pattern == .any {
            presentMatch = true
        } else {
            stringMatch = .init(pattern)
            stringMatch.ignoreCase = ignoringCase
        }
    }
}

extension Envoy_Type_Matcher_V3_ValueMatcher {
    static func text(_ matcher: Envoy_Type_Matcher_V3_StringMatcher) -> Self { .with { $0.stringMatch = matcher } }

    /// Any of these.
    static func any(of matchers: [Self]) -> Self {
        matchers.count == 1 ? matchers[0] : .with { $0.orMatch.valueMatchers = matchers }
    }

    /// A list that has such an element.
    static func list(with matcher: Self) -> Self { .with { $0.listMatch.oneOf = matcher } }
}

extension Envoy_Type_Matcher_V3_MetadataMatcher {
    init(filter: String, path: [String], value: Envoy_Type_Matcher_V3_ValueMatcher) {
        self.init()
        self.filter = filter
        self.path = path.map { part in .with { $0.key = part } }
        self.value = value
    }
}
