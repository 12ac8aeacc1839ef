/// How large a text may be and how large a tree it may become.
///
/// A few hundred bytes of nested aliases can stand for billions of nodes, and a few kilobytes of brackets for a tree
/// that overflows the stack of whoever walks it; these bounds turn both into errors.
package struct YAMLLimits: Hashable, Sendable {
    /// The longest text, in bytes.
    package var maxBytes: Int
    /// The most nodes a text may have, keys and those repeated by aliases included.
    package var maxNodes: Int
    /// The most nodes that aliases may repeat, in all documents of a text together.
    package var maxAliasedNodes: Int
    /// The deepest nesting of sequences and mappings.
    package var maxDepth: Int

    /// 64 MiB, 4,000,000 nodes of which 250,000 may be repeated by aliases, 200 levels.
    package static let `default` = YAMLLimits()

    /// Limits; what is not named has its default.
    package init(
        maxBytes: Int = 64 << 20, maxNodes: Int = 4_000_000, maxAliasedNodes: Int = 250_000, maxDepth: Int = 200
    ) {
        self.maxBytes = maxBytes
        self.maxNodes = maxNodes
        self.maxAliasedNodes = maxAliasedNodes
        self.maxDepth = maxDepth
    }
}
