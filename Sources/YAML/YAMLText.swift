/// A tree as YAML text in block style: two spaces of indentation, lists at the indentation of their key, ending with a
/// line break.
///
/// The text depends on what the scalars mean, not on how they were written. Strings stand plain where no common YAML
/// reader takes them for something else, with line breaks as `|` blocks, and else in single or, for what needs escapes,
/// double quotes. Numbers are decimal. Tags are not written: a string of `!!binary` stays its base64 text.
package func yamlText(_ node: YAMLNode) -> String { yamlText(documents: [node]) }

/// Several documents as one text, with `---` between them.
package func yamlText(documents: [YAMLNode]) -> String {
    var writer = YAMLWriter()
    for (index, node) in documents.enumerated() {
        if index > 0 { writer.append("---\n") }
        writer.write(node)
    }
    return writer.text
}

/// Appends nodes to a text; each function leaves it at the beginning of a line.
private struct YAMLWriter {
    /// UTF-8.
    private var bytes: [UInt8] = []

    var text: String { String(decoding: bytes, as: UTF8.self) }

    mutating func append(_ text: some StringProtocol) { bytes.append(contentsOf: text.utf8) }

    mutating func write(_ node: YAMLNode) {
        switch node.content {
        case .scalar(let scalar): writeScalar(scalar, at: 0)
        case .sequence(let items) where !items.isEmpty: writeItems(items, at: 0)
        case .mapping(let pairs) where !pairs.isEmpty: writePairs(pairs, at: 0)
        case .sequence: append("[]\n")
        case .mapping: append("{}\n")
        }
    }

    /// - Parameter isWithinLine: whether the first item continues a line that has its indentation already.
    private mutating func writeItems(_ items: [YAMLNode], at column: Int, isWithinLine: Bool = false) {
        for (index, item) in items.enumerated() {
            if index > 0 || !isWithinLine { indent(to: column) }
            append("- ")
            writeWithinLine(item, at: column)
        }
    }

    private mutating func writePairs(_ pairs: [YAMLPair], at column: Int, isWithinLine: Bool = false) {
        for (index, pair) in pairs.enumerated() {
            if index > 0 || !isWithinLine { indent(to: column) }
            if let key = simpleKey(pair.key) {
                append(key)
            } else {
                append("? ")
                writeWithinLine(pair.key, at: column)
                indent(to: column)
            }
            append(":")
            writeValue(pair.value, at: column)
        }
    }

    /// What follows the `- ` or `? ` at a column.
    private mutating func writeWithinLine(_ node: YAMLNode, at column: Int) {
        switch node.content {
        case .scalar(let scalar): writeScalar(scalar, at: column)
        case .sequence(let items) where !items.isEmpty: writeItems(items, at: column + 2, isWithinLine: true)
        case .mapping(let pairs) where !pairs.isEmpty: writePairs(pairs, at: column + 2, isWithinLine: true)
        case .sequence: append("[]\n")
        case .mapping: append("{}\n")
        }
    }

    /// What follows the `:` of a key at a column.
    private mutating func writeValue(_ node: YAMLNode, at column: Int) {
        switch node.content {
        case .sequence(let items) where !items.isEmpty:
            append("\n")
            writeItems(items, at: column)
        case .mapping(let pairs) where !pairs.isEmpty:
            append("\n")
            writePairs(pairs, at: column + 2)
        default:
            append(" ")
            writeWithinLine(node, at: column)
        }
    }

    /// - Parameter column: where the parent begins; the lines of a block are indented below it.
    private mutating func writeScalar(_ scalar: YAMLScalar, at column: Int) {
        let value = scalar.resolved
        if case .string(let string) = value, let block = LiteralBlock(string) {
            append(block.header)
            append("\n")
            for line in block.lines {
                if !line.isEmpty {
                    indent(to: column + 2)
                    append(line)
                }
                append("\n")
            }
        } else {
            append(lineText(value))
            append("\n")
        }
    }

    private mutating func indent(to column: Int) {
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: column))
    }
}

/// A key that fits on the line of its `:`, nil for one that needs a `? `: readers look 1024 characters ahead.
private func simpleKey(_ key: YAMLNode) -> String? {
    guard let scalar = key.scalar else { return nil }
    let text = lineText(.string(scalar.text))
    return text.utf8.count <= 1000 ? text : nil
}

/// A value on one line.
private func lineText(_ value: YAMLValue) -> String {
    switch value {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .integer(let value): String(value)
    case .double(let value): plainText(of: value)
    case .string(let text): quotedIfNeeded(text)
    }
}
