import CLibYAML

/// Why libyaml stopped, in words that tell the writer of the text what to change.
func syntaxError(of parser: yaml_parser_t, in text: UnsafeBufferPointer<UInt8>) -> YAMLError {
    let problem = parser.problem.map { String(cString: $0) } ?? ""
    let context = parser.context.map { String(cString: $0) } ?? ""
    switch parser.error {
    case YAML_MEMORY_ERROR:
        return YAMLError(message: "there is not enough memory to read the text", mark: YAMLMark(parser.mark))
    case YAML_READER_ERROR:
        let mark = place(ofByte: parser.problem_offset, in: text)
        return YAMLError(message: encodingMessage(problem, value: Int(parser.problem_value)), mark: mark)
    default:
        let mark = YAMLMark(parser.problem_mark)
        let opened = YAMLMark(parser.context_mark)
        let found = character(at: mark, in: text)
        return YAMLError(message: syntaxMessage(problem, context, opened: opened, found: found), mark: mark)
    }
}

/// For bytes that are not text.
private func encodingMessage(_ problem: String, value: Int) -> String {
    let code = String(max(value, 0), radix: 16, uppercase: true)
    if problem.contains("control character") {
        return "the control character U+\(String(repeating: "0", count: max(0, 4 - code.count)) + code) is not allowed"
            + " in YAML; write it as an escape in double quotes"
    }
    return "the text is not valid UTF-8 here; save it as UTF-8, or give binary data as base64"
}

/// For text that is not YAML.
private func syntaxMessage(
    _ problem: String, _ context: String, opened: YAMLMark, found: Unicode.Scalar?
) -> String {
    switch problem {
    case "found character that cannot start any token":
        return cannotStart(found)
    case "mapping values are not allowed in this context":
        return "a value with ': ' is not possible here; check the indentation, or quote text that contains ': '"
    case "could not find expected ':'":
        return "the key that begins at \(opened) has no ': ' after it on its line"
    case "did not find expected key":
        return "a key was expected here, in the map that begins at \(opened); check the indentation and quotes"
    case "did not find expected '-' indicator":
        return "'- ' was expected here, in the list that begins at \(opened); check the indentation"
    case "block sequence entries are not allowed in this context":
        return "a list cannot begin here; put its '- ' on a line of its own below the key"
    case "mapping keys are not allowed in this context":
        return "a '? ' key cannot begin here; put it on a line of its own"
    case "did not find expected ',' or ']'":
        return "',' or ']' was expected here, in the list opened at \(opened)"
    case "did not find expected ',' or '}'":
        return "',' or '}' was expected here, in the map opened at \(opened)"
    case "did not find expected node content":
        return found == nil
            ? "the text ends where a value was expected; close what is open" : "a value was expected here"
    case "did not find expected <document start>":
        return "the document before has ended; begin the next one with '---', or check the indentation"
    case "found unexpected end of stream":
        return "the text ends before the quoted value that begins at \(opened) is closed"
    case "found unexpected document indicator":
        return "'---' or '...' stands within the quoted value that begins at \(opened); close the quotes before it"
    case "found unknown escape character":
        return "this escape is not known in double quotes; write '\\\\' for a backslash, or use single quotes"
    case "did not find expected hexdecimal number", "found invalid Unicode character escape code":
        return "'\\x', '\\u' and '\\U' take the 2, 4 or 8 hexadecimal digits of a Unicode character"
    case "found a tab character where an indentation space is expected",
        "found a tab character that violates indentation":
        return "a tab cannot indent; use spaces"
    case "found an indentation indicator equal to 0":
        return "the indentation after '|' or '>' is a digit from 1 to 9"
    case "did not find expected alphabetic or numeric character":
        return context.contains("alias")
            ? "'*' begins the name of an anchor; quote text that begins with '*'"
            : "'&' begins the name of an anchor; quote text that begins with '&'"
    case "found undefined tag handle":
        return "the prefix of this tag is not defined; quote text that begins with '!', or add a %TAG directive"
    case "found incompatible YAML document":
        return "the %YAML directive names a version that is not known; use 1.1 or 1.2, or leave it out"
    case "found duplicate %TAG directive", "found duplicate %YAML directive":
        return "this directive stands twice in one document; remove one"
    case "did not find expected comment or line break":
        return "only a comment may follow here on this line"
    case _ where context.contains("directive"):
        return "this directive is not one of %YAML and %TAG in their right form; quote text that begins with '%'"
    case _ where context.contains("tag"):
        return "this is not the right form of a tag; quote text that begins with '!'"
    default:
        return context.isEmpty ? problem : "\(problem) \(context)"
    }
}

private func cannotStart(_ found: Unicode.Scalar?) -> String {
    switch found {
    case "\t": "a tab cannot indent; use spaces"
    case let found?: "a value cannot begin with '\(found)'; put it in quotes"
    case nil: "a value cannot begin here"
    }
}

/// The character at a mark, as libyaml counts lines and columns.
private func character(at mark: YAMLMark, in text: UnsafeBufferPointer<UInt8>) -> Unicode.Scalar? {
    var line = 1
    var start = text.startIndex
    while line < mark.line {
        guard let end = text[start...].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        start = end + 1
        line += 1
    }
    let rest = String(decoding: text[start...].prefix(4 * mark.column), as: UTF8.self)
    return rest.unicodeScalars.dropFirst(mark.column - 1).first
}

/// Line and column of a byte; the text before it is valid.
private func place(ofByte offset: Int, in text: UnsafeBufferPointer<UInt8>) -> YAMLMark {
    let before = text.prefix(offset)
    let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    return YAMLMark(
        line: before.count { $0 == UInt8(ascii: "\n") } + 1,
        column: before[lineStart...].count { $0 & 0xC0 != 0x80 } + 1)
}
