/// How host names and patterns of them, such as `*.example.com`, relate.
package enum HostPattern {
    /// Whether all that one stands for, the other does too.
    package static func isSubset(_ host: String, of pattern: String) -> Bool {
        guard pattern.hasPrefix("*") else { return host == pattern }
        let suffix = pattern.dropFirst()
        guard host.hasPrefix("*") else { return host.hasSuffix(suffix) }
        return host.dropFirst().hasSuffix(suffix)
    }

    /// Whether there can be a host that both stand for.
    package static func overlap(_ left: String, _ right: String) -> Bool {
        isSubset(left, of: right) || isSubset(right, of: left)
    }
}
