package import KubernetesModel

extension TextRule {
    /// What stands before the colon of a label.
    package static let labelKey = TextRule(
        "a label's key such as app or example.com/app (at most 63 letters, digits, \"-\", \"_\" and \".\", beginning and "
            + "ending with a letter or digit; before a slash a DNS name)"
    ) { text in
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let name = parts.last, !name.isEmpty, isLabelText(name), parts.count <= 2 else { return false }
        return parts.count == 1 || dnsSubdomain.accepts(String(parts[0]))
    }

    /// What stands after the colon of a label; it may be empty.
    package static let labelValue = TextRule(
        "a label's value (at most 63 letters, digits, \"-\", \"_\" and \".\", beginning and ending with a letter or "
            + "digit)"
    ) { text in
        text.isEmpty || isLabelText(text[...])
    }

    /// The name of an environment variable, as Kubernetes takes it.
    package static let variableName = TextRule("a variable's name (printable ASCII characters, none of them \"=\")") {
        text in
        !text.isEmpty && text.utf8.allSatisfy { (0x20..<0x7F).contains($0) && $0 != UInt8(ascii: "=") }
    }

    private static func isLabelText(_ text: Substring) -> Bool {
        func isPlain(_ byte: UInt8) -> Bool {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }
        guard text.utf8.count <= 63, let first = text.utf8.first, let last = text.utf8.last else { return false }
        return isPlain(first) && isPlain(last) && text.utf8.allSatisfy { isPlain($0) || "-_.".utf8.contains($0) }
    }
}
