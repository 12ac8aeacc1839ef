/// A tree as YAML text in block style: two spaces of indentation, lists at the indentation of their key, ending with a
/// line break.
///
/// The text depends on what the scalars mean, not on how they were written. Strings stand plain where no common YAML
/// reader takes them for something else, with line breaks as `|` blocks, and else in single or, for what needs escapes,
/// double quotes. Numbers are decimal. Tags are not written: a string of `!!binary` stays its base64 text.
package func yamlText(_ node: YAMLNode) -> String {
    var writer = YAMLWriter()
    writer.write(node)
    return writer.text
}

/// Several documents as one text, with `---` between them.
package func yamlText(documents: [YAMLNode]) -> String {
    documents.map(yamlText).joined(separator: "---\n")
}

/// Appends nodes to a text; each function leaves it at the beginning of a line.
private struct YAMLWriter {
    private(set) var text = ""

    mutating func write(_ node: YAMLNode) {
        switch node.content {
        case .scalar(let scalar): writeScalar(scalar, at: 0)
        case .sequence(let items) where !items.isEmpty: writeItems(items, at: 0)
        case .mapping(let pairs) where !pairs.isEmpty: writePairs(pairs, at: 0)
        case .sequence: text += "[]\n"
        case .mapping: text += "{}\n"
        }
    }

    /// - Parameter isWithinLine: whether the first item continues a line that has its indentation already.
    private mutating func writeItems(_ items: [YAMLNode], at column: Int, isWithinLine: Bool = false) {
        for (index, item) in items.enumerated() {
            if index > 0 || !isWithinLine { indent(to: column) }
            text += "- "
            writeWithinLine(item, at: column)
        }
    }

    private mutating func writePairs(_ pairs: [YAMLPair], at column: Int, isWithinLine: Bool = false) {
        for (index, pair) in pairs.enumerated() {
            if index > 0 || !isWithinLine { indent(to: column) }
            if let key = simpleKey(pair.key) {
                text += key
            } else {
                text += "? "
                writeWithinLine(pair.key, at: column)
                indent(to: column)
            }
            text += ":"
            writeValue(pair.value, at: column)
        }
    }

    /// What follows the `- ` or `? ` at a column.
    private mutating func writeWithinLine(_ node: YAMLNode, at column: Int) {
        switch node.content {
        case .scalar(let scalar): writeScalar(scalar, at: column)
        case .sequence(let items) where !items.isEmpty: writeItems(items, at: column + 2, isWithinLine: true)
        case .mapping(let pairs) where !pairs.isEmpty: writePairs(pairs, at: column + 2, isWithinLine: true)
        case .sequence: text += "[]\n"
        case .mapping: text += "{}\n"
        }
    }

    /// What follows the `:` of a key at a column.
    private mutating func writeValue(_ node: YAMLNode, at column: Int) {
        switch node.content {
        case .sequence(let items) where !items.isEmpty:
            text += "\n"
            writeItems(items, at: column)
        case .mapping(let pairs) where !pairs.isEmpty:
            text += "\n"
            writePairs(pairs, at: column + 2)
        default:
            text += " "
            writeWithinLine(node, at: column)
        }
    }

    /// - Parameter column: where the parent begins; the lines of a block are indented below it.
    private mutating func writeScalar(_ scalar: YAMLScalar, at column: Int) {
        if case .string(let string) = scalar.resolved, let block = LiteralBlock(string) {
            text += block.header
            text += "\n"
            for line in block.lines {
                if !line.isEmpty {
                    indent(to: column + 2)
                    text += line
                }
                text += "\n"
            }
        } else {
            text += lineText(scalar.resolved)
            text += "\n"
        }
    }

    private mutating func indent(to column: Int) {
        for _ in 0..<column { text += " " }
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
