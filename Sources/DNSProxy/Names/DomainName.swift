/// Names as DNS compares them.
enum DomainName {
    /// In lower case, without a dot at the end.
    static func normalized(_ name: some StringProtocol) -> String {
        let lower = name.lowercased()
        return lower.hasSuffix(".") ? String(lower.dropLast()) : lower
    }

    /// Patterns that a name may match, the narrowest first: of `a.b.c` they are `*.b.c` and `*.c`.
    static func patterns(for name: String) -> [String] {
        var patterns: [String] = []
        var rest = name[...]
        while let dot = rest.firstIndex(of: ".") {
            patterns.append("*" + rest[dot...])
            rest = rest[rest.index(after: dot)...]
        }
        return patterns
    }
}
