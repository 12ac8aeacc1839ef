package import KubernetesModel

extension TextRule {
    /// What images are named under: everything before `/pilot:tag`.
    package static let imageHub = TextRule(
        "an image hub such as docker.io/istio or registry.example.com:5000/mesh (lower-case path, no scheme, no tag, "
            + "no slash at the end)"
    ) { text in
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard let first = parts.first else { return false }
        let rest = parts.dropFirst()
        let isHost = first.contains(UInt8(ascii: ".")) || first.contains(UInt8(ascii: ":"))
        return (isHost ? isRegistry(first) : isPathComponent(first)) && rest.allSatisfy(isPathComponent)
    }

    /// What comes after the colon of an image's name.
    package static let imageTag = TextRule(
        "an image tag (at most 128 letters, digits, \"_\", \".\" and \"-\", beginning with a letter, a digit or \"_\")",
        pattern: "^[A-Za-z0-9_][A-Za-z0-9_.-]*$", maximumLength: 128
    ) { text in
        guard let first = text.utf8.first, isLetterOrDigit(first) || first == UInt8(ascii: "_") else { return false }
        return text.utf8.allSatisfy { isLetterOrDigit($0) || "_.-".utf8.contains($0) }
    }

    /// `host`, `host:port` or `[address]:port`.
    private static func isRegistry(_ text: Substring.UTF8View.SubSequence) -> Bool {
        var host = text[...]
        if let colon = text.lastIndex(of: UInt8(ascii: ":")), text.last != UInt8(ascii: "]") {
            let port = text[text.index(after: colon)...]
            guard (1...5).contains(port.count), port.allSatisfy(isDigit) else { return false }
            host = text[..<colon]
        }
        if host.first == UInt8(ascii: "["), host.last == UInt8(ascii: "]") {
            return host.count > 2 && host.dropFirst().dropLast().allSatisfy { isHexDigit($0) || ":.".utf8.contains($0) }
        }
        return host.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
            guard let first = label.first, let last = label.last else { return false }
            return isLetterOrDigit(first) && isLetterOrDigit(last)
                && label.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }
        }
    }

    /// Lower-case letters and digits, with `.`, `_`, `__` or any number of dashes between them.
    private static func isPathComponent(_ text: Substring.UTF8View.SubSequence) -> Bool {
        func isPlain(_ byte: UInt8) -> Bool { isLowerCaseLetter(byte) || isDigit(byte) }
        guard let first = text.first, let last = text.last, isPlain(first), isPlain(last) else { return false }
        return text.split(whereSeparator: isPlain).allSatisfy { separator in
            separator.allSatisfy { $0 == UInt8(ascii: "-") }
                || [".", "_", "__"].contains { separator.elementsEqual($0.utf8) }
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isLowerCaseLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool { isLowerCaseLetter(byte | 0x20) || isDigit(byte) }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
    }
}
