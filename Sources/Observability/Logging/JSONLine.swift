import Logging

/// Log lines as JSON: one object, one line, UTF-8.
enum JSONLine {
    /// `{"time":…,"level":…,"logger":…,"msg":…,` and the metadata at top level, sorted`}` and a newline.
    static func bytes(of record: LogRecord) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(256)
        line.append(contentsOf: #"{"time":""#.utf8)
        record.time.append(to: &line)
        line.append(contentsOf: #"","level":""#.utf8)
        line.append(contentsOf: record.level.word.utf8)
        line.append(contentsOf: #"","logger":"#.utf8)
        append(string: record.label, to: &line)
        line.append(contentsOf: #","msg":"#.utf8)
        append(string: record.message, to: &line)
        for (key, value) in record.fields {
            line.append(UInt8(ascii: ","))
            append(string: key, to: &line)
            line.append(UInt8(ascii: ":"))
            append(value: value, to: &line)
        }
        line.append(UInt8(ascii: "}"))
        line.append(UInt8(ascii: "\n"))
        return line
    }

    /// Numbers and booleans stay what they are when metadata carries them as such; everything else is text.
    private static func append(value: Logger.MetadataValue, to line: inout [UInt8]) {
        switch value {
        case .string(let text):
            append(string: text, to: &line)
        case .stringConvertible(let value):
            switch value {
            case let value as any FixedWidthInteger: line.append(contentsOf: "\(value)".utf8)
            case let value as Double where value.isFinite: line.append(contentsOf: "\(value)".utf8)
            case let value as Bool: line.append(contentsOf: (value ? "true" : "false").utf8)
            default: append(string: value.description, to: &line)
            }
        case .array(let values):
            line.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { line.append(UInt8(ascii: ",")) }
                append(value: value, to: &line)
            }
            line.append(UInt8(ascii: "]"))
        case .dictionary(let values):
            line.append(UInt8(ascii: "{"))
            for (index, entry) in values.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { line.append(UInt8(ascii: ",")) }
                append(string: entry.key, to: &line)
                line.append(UInt8(ascii: ":"))
                append(value: entry.value, to: &line)
            }
            line.append(UInt8(ascii: "}"))
        }
    }

    /// A JSON string (RFC 8259 section 7): quotes, backslashes and control characters escaped, the rest as UTF-8.
    static func append(string text: String, to line: inout [UInt8]) {
        line.append(UInt8(ascii: "\""))
        for octet in text.utf8 {
            switch octet {
            case UInt8(ascii: "\""): line.append(contentsOf: #"\""#.utf8)
            case UInt8(ascii: "\\"): line.append(contentsOf: #"\\"#.utf8)
            case UInt8(ascii: "\n"): line.append(contentsOf: #"\n"#.utf8)
            case UInt8(ascii: "\r"): line.append(contentsOf: #"\r"#.utf8)
            case UInt8(ascii: "\t"): line.append(contentsOf: #"\t"#.utf8)
            case 0..<0x20, 0x7f:
                line.append(contentsOf: #"\u00"#.utf8)
                line.append(hexDigit(octet >> 4))
                line.append(hexDigit(octet & 0xf))
            default: line.append(octet)
            }
        }
        line.append(UInt8(ascii: "\""))
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
