import Logging

/// Log lines for people at a terminal.
enum TextLine {
    /// `<time> <level> <logger>: <message> key=value key="with spaces"` and a newline.
    ///
    /// Control characters are escaped everywhere, so that text from outside cannot forge a line or move the cursor.
    static func bytes(of record: LogRecord) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(192)
        record.time.append(to: &line)
        line.append(UInt8(ascii: " "))
        line.append(contentsOf: record.level.word.utf8)
        for _ in record.level.word.utf8.count..<5 { line.append(UInt8(ascii: " ")) }
        line.append(UInt8(ascii: " "))
        append(visible: record.label, to: &line)
        line.append(contentsOf: ": ".utf8)
        append(visible: record.message, to: &line)
        for (key, value) in record.fields {
            line.append(UInt8(ascii: " "))
            append(word: key, to: &line)
            line.append(UInt8(ascii: "="))
            append(word: value.description, to: &line)
        }
        line.append(UInt8(ascii: "\n"))
        return line
    }

    private static func append(visible text: String, to line: inout [UInt8]) {
        if text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) {
            JSONLine.append(string: text, to: &line)
        } else {
            line.append(contentsOf: text.utf8)
        }
    }

    private static func append(word text: String, to line: inout [UInt8]) {
        let needsQuotes = text.isEmpty || text.utf8.contains { $0 <= 0x20 || $0 == 0x7f || $0 == UInt8(ascii: "\"") }
        if needsQuotes {
            JSONLine.append(string: text, to: &line)
        } else {
            line.append(contentsOf: text.utf8)
        }
    }
}
