/// Prometheus' text format, line by line, over bytes: pages may have megabytes.
///
/// ```
///  # TYPE NAME KIND    # HELP NAME TEXT    NAME{LABEL="VALUE",…} VALUE [TIMESTAMP]
/// ```
enum ExpositionLine {
    /// A line of nothing but space, or a comment that says nothing.
    case nothing
    /// `# TYPE` or `# HELP`, with the metric's name.
    case description(keyword: Keyword, name: Range<Int>)
    /// A value, with the series' name, where the value ends, and where a time in milliseconds ends if there is one.
    /// Exemplars follow.
    case sample(name: Range<Int>, valueEnd: Int, timeEnd: Int)
    /// Nothing that a scraper can read.
    case malformed

    enum Keyword {
        case type
        case help
        case unit
    }

    /// What a line is, without its end.
    init(_ line: Slice<UnsafeBufferPointer<UInt8>>) {
        var reader = LineReader(bytes: line.base, position: line.startIndex, end: line.endIndex)
        self = reader.line()
    }
}

/// Reads one line.
private struct LineReader {
    let bytes: UnsafeBufferPointer<UInt8>
    var position: Int
    let end: Int

    mutating func line() -> ExpositionLine {
        skipSpace()
        guard position < end else { return .nothing }
        if bytes[position] == UInt8(ascii: "#") { return comment() }
        guard let name = name() else { return .malformed }
        skipSpace()
        if position < end, bytes[position] == UInt8(ascii: "{") {
            guard labels() else { return .malformed }
        }
        skipSpace()
        guard number() else { return .malformed }
        let valueEnd = position
        var timeEnd = position
        skipSpace()
        if position < end, bytes[position] != UInt8(ascii: "#") {
            let start = position
            guard number() else { return .malformed }
            if Int64(String(decoding: bytes[start..<position], as: UTF8.self)) != nil { timeEnd = position }
            skipSpace()
        }
        // An exemplar follows, or nothing does.
        guard position == end || bytes[position] == UInt8(ascii: "#") else { return .malformed }
        return .sample(name: name, valueEnd: valueEnd, timeEnd: timeEnd)
    }

    private mutating func comment() -> ExpositionLine {
        position += 1
        skipSpace()
        let keyword: ExpositionLine.Keyword
        switch word() {
        case "TYPE": keyword = .type
        case "HELP": keyword = .help
        case "UNIT": keyword = .unit
        default: return .nothing
        }
        skipSpace()
        guard let name = name(), position == end || isSpace(bytes[position]) else { return .malformed }
        return .description(keyword: keyword, name: name)
    }

    private mutating func skipSpace() {
        while position < end, isSpace(bytes[position]) { position += 1 }
    }

    private mutating func word() -> String {
        let start = position
        while position < end, !isSpace(bytes[position]) { position += 1 }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func name() -> Range<Int>? {
        let start = position
        while position < end, isNamePart(bytes[position], isFirst: position == start) { position += 1 }
        return position > start ? start..<position : nil
    }

    private mutating func labels() -> Bool {
        position += 1
        while true {
            skipSpace()
            guard position < end else { return false }
            if bytes[position] == UInt8(ascii: "}") {
                position += 1
                return true
            }
            guard name() != nil, take("="), take("\"") else { return false }
            let start = position
            while position < end, bytes[position] != UInt8(ascii: "\"") {
                position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
            }
            guard position < end, isText(start..<position) else { return false }
            position += 1
            skipSpace()
            guard position < end else { return false }
            if bytes[position] == UInt8(ascii: ",") {
                position += 1
            } else if bytes[position] != UInt8(ascii: "}") {
                return false
            }
        }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard position < end, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func number() -> Bool {
        let start = position
        while position < end, !isSpace(bytes[position]) { position += 1 }
        guard position > start else { return false }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if ["+Inf", "-Inf", "Inf", "NaN"].contains(text) { return true }
        return Double(text) != nil && text.utf8.allSatisfy { $0 < 0x80 && $0 != UInt8(ascii: "(") }
    }

    private func isText(_ range: Range<Int>) -> Bool {
        if bytes[range].allSatisfy({ $0 < 0x80 }) { return true }
        return String(validating: bytes[range], as: UTF8.self) != nil
    }

    private func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 13 }

    private func isNamePart(_ byte: UInt8, isFirst: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
            UInt8(ascii: ":"):
            true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): !isFirst
        default: false
        }
    }
}
