/// A rule that a string obeys, with the words for a person who broke it.
package struct TextRule: Sendable {
    /// What is allowed, to stand after "must be": `a DNS label of lower-case letters, digits and "-"`.
    package var words: String
    /// The same rule as a regular expression for the API server; nil leaves it to our own messages.
    package var pattern: String?
    /// The greatest length in characters; nil is no limit.
    package var maximumLength: Int?
    /// Whether a text obeys; it need not look at the length.
    package var isObeyed: @Sendable (String) -> Bool

    package init(
        _ words: String, pattern: String? = nil, maximumLength: Int? = nil,
        isObeyed: @escaping @Sendable (String) -> Bool
    ) {
        self.words = words
        self.pattern = pattern
        self.maximumLength = maximumLength
        self.isObeyed = isObeyed
    }

    /// Whether a text obeys the rule and its length.
    package func accepts(_ text: String) -> Bool {
        maximumLength.map { text.utf8.count <= $0 } ?? true && isObeyed(text)
    }
}

extension TextRule {
    /// RFC 1123 label: names of namespaces and of revisions.
    package static let dnsLabel = TextRule(
        "a DNS label (at most 63 lower-case letters, digits and \"-\", beginning and ending with a letter or digit)",
        pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", maximumLength: 63
    ) { text in
        isLabel(text.utf8)
    }

    /// RFC 1035 label: names of Services.
    package static let serviceName = TextRule(
        "a Service name (at most 63 lower-case letters, digits and \"-\", beginning with a letter and ending with a "
            + "letter or digit)",
        pattern: "^[a-z]([-a-z0-9]*[a-z0-9])?$", maximumLength: 63
    ) { text in
        isLabel(text.utf8) && text.utf8.first.map(isLowerCaseLetter) == true
    }

    /// RFC 1123 subdomain: names of most objects.
    package static let dnsSubdomain = TextRule(
        "a DNS name (at most 253 lower-case letters, digits, \"-\" and \".\", each part beginning and ending with a "
            + "letter or digit)",
        pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$", maximumLength: 253
    ) { text in
        text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy(isLabel)
    }

    private static func isLabel(_ bytes: some BidirectionalCollection<UInt8>) -> Bool {
        guard let first = bytes.first, let last = bytes.last else { return false }
        return first != UInt8(ascii: "-") && last != UInt8(ascii: "-")
            && bytes.allSatisfy { isLowerCaseLetter($0) || isDigit($0) || $0 == UInt8(ascii: "-") }
    }

    private static func isLowerCaseLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
