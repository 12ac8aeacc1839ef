/// A place in a YAML text.
///
/// Stored in eight bytes, since every node has one; larger numbers are clamped.
package struct YAMLMark: Hashable, Sendable {
    private var storedLine: UInt32
    private var storedColumn: UInt32

    /// The mark of nodes that were made by a program: line 0, column 0.
    package static let none = YAMLMark(line: 0, column: 0)

    /// A place given by its 1-based line and column.
    package init(line: Int, column: Int) {
        storedLine = UInt32(clamping: line)
        storedColumn = UInt32(clamping: column)
    }

    /// The line, counted from 1.
    package var line: Int {
        get { Int(storedLine) }
        set { storedLine = UInt32(clamping: newValue) }
    }

    /// The column in Unicode scalars, counted from 1.
    package var column: Int {
        get { Int(storedColumn) }
        set { storedColumn = UInt32(clamping: newValue) }
    }
}

extension YAMLMark: CustomStringConvertible, Comparable {
    /// The place in words: "line 3, column 5".
    package var description: String { "line \(line), column \(column)" }

    /// Whether `left` stands before `right` in one text.
    package static func < (left: YAMLMark, right: YAMLMark) -> Bool {
        (left.storedLine, left.storedColumn) < (right.storedLine, right.storedColumn)
    }
}

/// A scalar as written: its text, how it was written, and the tag before it.
///
/// `resolved` tells what it means.
package struct YAMLScalar: Hashable, Sendable {
    /// How a scalar is written.
    package enum Style: Hashable, Sendable, CaseIterable {
        /// Without quotes: `8080`, `true`, `some words`.
        case plain
        /// `'in single quotes'`.
        case singleQuoted
        /// `"in double quotes"`.
        case doubleQuoted
        /// A `|` block, which keeps line breaks.
        case literal
        /// A `>` block, which joins lines.
        case folded
    }

    /// The text, after quotes, escapes and indentation are taken away.
    package var text: String
    /// The explicit tag, `!!` standing for the prefix of YAML's own tags: `!!str`, `!!int`, `!local`, or a whole URI.
    package var tag: String?
    /// How it was written; a hint only when writing.
    package var style: Style

    /// A scalar as it would stand in a text.
    package init(text: String, style: Style = .plain, tag: String? = nil) {
        self.text = text
        self.style = style
        self.tag = tag
    }
}

/// One key of a mapping with its value.
package struct YAMLPair: Hashable, Sendable {
    /// The key; a scalar in every tree that was read. It names a field by its text, whatever that would resolve to:
    /// `on` and `8080` as keys are "on" and "8080".
    package var key: YAMLNode
    /// What it stands for.
    package var value: YAMLNode

    /// A key with its value.
    package init(key: YAMLNode, value: YAMLNode) {
        self.key = key
        self.value = value
    }
}

/// One node of a YAML document as written, with where it stands.
///
/// Aliases and merge keys are expanded already; what they bring in keeps the mark of the place where it was written.
package struct YAMLNode: Hashable, Sendable {
    /// What a node holds.
    package enum Content: Hashable, Sendable {
        /// A single value.
        case scalar(YAMLScalar)
        /// A list.
        case sequence([YAMLNode])
        /// A map: unique keys, in the order of the text.
        case mapping([YAMLPair])
    }

    /// What the node holds.
    package var content: Content
    /// Where the node begins.
    package var mark: YAMLMark

    /// A node, by default one that stands in no text.
    package init(_ content: Content, mark: YAMLMark = .none) {
        self.content = content
        self.mark = mark
    }
}
