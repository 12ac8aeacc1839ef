/// The host names and patterns that a host is matched by, the most specific first.
package struct HostPatterns: Sequence, IteratorProtocol {
    private var following: String?

    package init(matching host: String) { following = host }

    package mutating func next() -> String? {
        guard let current = following else { return nil }
        following = Self.wider(current)
        return current
    }

    private static func wider(_ pattern: String) -> String? {
        guard pattern != "*" else { return nil }
        let rest = pattern.hasPrefix("*.") ? pattern.dropFirst(2) : Substring(pattern)
        guard let dot = rest.firstIndex(of: ".") else { return "*" }
        return "*\(rest[dot...])"
    }
}
