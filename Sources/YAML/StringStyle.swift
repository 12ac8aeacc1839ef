/// A string on one line, in quotes if it would be read as something else without.
func quotedIfNeeded(_ text: String) -> String {
    if isPlainWords(text) { return text }
    if text.unicodeScalars.contains(where: \.needsEscape) { return doubleQuoted(text) }
    return isSafePlain(text) ? text : singleQuoted(text)
}

/// Whether the text surely is a safe plain one, told in one pass: ASCII that begins with a letter, without anything that
/// could be syntax or a word such as `true`. Most texts are.
private func isPlainWords(_ text: String) -> Bool {
    let space = UInt8(ascii: " ")
    let colon = UInt8(ascii: ":")
    var text = text
    return text.withUTF8 { bytes in
        guard let first = bytes.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first | 0x20) else {
            return false
        }
        // The longest word that is no string is "false".
        guard bytes.count > 5 || !"tfyno".utf8.contains(first | 0x20) else { return false }
        var previous = first
        for byte in bytes {
            guard (0x20..<0x7F).contains(byte) else { return false }
            if previous == colon && byte == space || previous == space && byte == UInt8(ascii: "#") { return false }
            previous = byte
        }
        return previous != space && previous != colon
    }
}

/// Whether every YAML reader takes the plain text for this very string; `text` has no characters that need escapes.
private func isSafePlain(_ text: String) -> Bool {
    guard case .string = plainValue(text) else { return false }
    return !readsAsOtherType(text) && !readsAsSyntax(text)
}

/// Whether readers of other YAML versions see a bool, number, time, or special value where ours sees a string.
private func readsAsOtherType(_ text: String) -> Bool {
    switch text {
    case "y", "Y", "n", "N", "=", "<<": return true
    default: break
    }
    guard let first = text.utf8.first, first < UInt8(ascii: ":") else { return false }
    return looksNumeric(text) || isBase60(text) || beginsWithDate(text)
}

/// `1:30`, `-190:20:30.15`.
private func isBase60(_ text: String) -> Bool {
    var rest = text.utf8[...]
    if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { rest.removeFirst() }
    guard let first = rest.first, first.isDigit else { return false }
    rest = rest.drop { $0.isDigit || $0 == UInt8(ascii: "_") }
    guard rest.first == UInt8(ascii: ":") else { return false }
    while rest.first == UInt8(ascii: ":") { rest = rest.dropFirst().drop(while: \.isDigit) }
    if rest.first == UInt8(ascii: ".") {
        rest = rest.dropFirst().drop { $0.isDigit || $0 == UInt8(ascii: "_") }
    }
    return rest.isEmpty
}

/// `2026-01-02`, alone or before a time of day.
private func beginsWithDate(_ text: String) -> Bool {
    let parts = text.utf8.prefix(11).split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard parts.count >= 3, parts[0].count == 4, parts[0].allSatisfy(\.isDigit) else { return false }
    return (1...2).contains(parts[1].count) && parts[1].allSatisfy(\.isDigit) && parts[2].first?.isDigit == true
}

/// Whether the plain text would begin or contain something of YAML's syntax.
private func readsAsSyntax(_ text: String) -> Bool {
    let bytes = text.utf8
    guard let first = bytes.first, let last = bytes.last else { return true }
    let space = UInt8(ascii: " ")
    let colon = UInt8(ascii: ":")
    switch first {
    case UInt8(ascii: "-"):
        if bytes.count == 1 || bytes.dropFirst().first == space || text.hasPrefix("---") { return true }
    case UInt8(ascii: "."):
        if text.hasPrefix("...") { return true }
    case space, UInt8(ascii: "?"), colon, UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"),
        UInt8(ascii: "}"), UInt8(ascii: "#"), UInt8(ascii: "&"), UInt8(ascii: "*"), UInt8(ascii: "!"),
        UInt8(ascii: "|"), UInt8(ascii: ">"), UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "%"),
        UInt8(ascii: "@"), UInt8(ascii: "`"):
        return true
    default: break
    }
    if last == space || last == colon { return true }
    return zip(bytes, bytes.dropFirst()).contains {
        $0 == (colon, space) || $0 == (space, UInt8(ascii: "#"))
    }
}

private func singleQuoted(_ text: String) -> String {
    var quoted = "'"
    for scalar in text.unicodeScalars {
        if scalar == "'" { quoted += "'" }
        quoted.unicodeScalars.append(scalar)
    }
    return quoted + "'"
}

private func doubleQuoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": quoted += "\\\""
        case "\\": quoted += "\\\\"
        case "\n": quoted += "\\n"
        case "\t": quoted += "\\t"
        case "\r": quoted += "\\r"
        case _ where scalar.needsEscape:
            let digits = String(scalar.value, radix: 16, uppercase: true)
            quoted += scalar.value > 0xFF ? "\\u" : "\\x"
            quoted += String(repeating: "0", count: (scalar.value > 0xFF ? 4 : 2) - digits.count) + digits
        default: quoted.unicodeScalars.append(scalar)
        }
    }
    return quoted + "\""
}

extension Unicode.Scalar {
    /// Whether the character cannot stand as it is on a line of YAML: line breaks, tabs, and what YAML does not allow.
    var needsEscape: Bool {
        switch value {
        case 0x20..<0x7F, 0xA0..<0x2028, 0x202A..<0xFEFF, 0xFF00..<0xFFFE, 0x1_0000...: false
        default: true
        }
    }
}

/// A string with line breaks as a `|` block.
struct LiteralBlock {
    /// `|`, with the indentation where a reader could not guess it, and `-` or `+` for how the text ends.
    let header: String
    /// The lines, without indentation.
    let lines: [Substring]

    /// Nil if the string is better written otherwise: it has no line break, characters that need escapes, or spaces and
    /// tabs at the end of lines, which nobody would see.
    init?(_ text: String) {
        guard text.utf8.contains(UInt8(ascii: "\n")) else { return nil }
        var content = text[...]
        var breaks = 0
        while content.unicodeScalars.last == "\n" {
            content.unicodeScalars.removeLast()
            breaks += 1
        }
        let isMultiline = breaks > 0 || content.unicodeScalars.contains("\n")
        guard isMultiline, !content.isEmpty else { return nil }

        let lines = content.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        for line in lines {
            if let last = line.last, last == " " || last == "\t" { return nil }
            if line.contains(where: { $0 != "\t" && $0.needsEscape }) { return nil }
        }
        let firstFilled = lines.first { !$0.isEmpty }
        let needsIndentation = firstFilled?.first == " " || firstFilled?.first == "\t"
        header = "|" + (needsIndentation ? "2" : "") + (breaks == 0 ? "-" : breaks == 1 ? "" : "+")
        self.lines = lines.map { Substring($0) } + Array(repeating: "", count: max(0, breaks - 1))
    }
}
