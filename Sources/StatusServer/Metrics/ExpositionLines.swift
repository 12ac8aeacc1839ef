/// Prometheus' text format and OpenMetrics, line by line, over bytes: pages may have megabytes.
///
/// ```
///  # TYPE NAME KIND    # HELP NAME TEXT    # UNIT NAME UNIT    NAME{LABEL="VALUE",…} VALUE [TIMESTAMP] [# EXEMPLAR]
/// ```
enum ExpositionLine {
    /// A line of nothing but space, or a comment that says nothing.
    case nothing
    /// With the metric's name, and what is said of it.
    case description(keyword: Keyword, name: Range<Int>, text: Range<Int>)
    case sample(Sample)
    /// Nothing that a scraper can read.
    case malformed

    enum Keyword: UInt8 {
        case type
        case help
        case unit
    }

    /// Where the parts of a value are.
    struct Sample {
        var name: Range<Int>
        /// With their braces; empty: there are none.
        var labels: Range<Int>
        /// The labels have no spaces between them, nor a comma too many.
        var hasPlainLabels = true
        var value: Range<Int>
        /// Nil: it was true when it was asked for. In milliseconds, or seconds in OpenMetrics.
        var time: Range<Int>?
        var exemplar: Exemplar?
    }

    /// Where the parts of an exemplar are.
    struct Exemplar {
        /// With their braces.
        var labels: Range<Int>
        /// The labels have no spaces between them, nor a comma too many.
        var hasPlainLabels: Bool
        var value: Range<Int>
        /// In seconds; nil: nobody knows.
        var time: Range<Int>?
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
        var sample = ExpositionLine.Sample(name: name, labels: position..<position, value: position..<position)
        if position < end, bytes[position] == UInt8(ascii: "{") {
            let start = position
            guard let isPlain = labels() else { return .malformed }
            sample.labels = start..<position
            sample.hasPlainLabels = isPlain
        }
        skipSpace()
        guard let value = number() else { return .malformed }
        sample.value = value
        skipSpace()
        if position < end, bytes[position] != UInt8(ascii: "#") {
            guard let time = number() else { return .malformed }
            sample.time = time
            skipSpace()
        }
        guard position < end else { return .sample(sample) }
        guard bytes[position] == UInt8(ascii: "#") else { return .malformed }
        sample.exemplar = exemplar()
        return .sample(sample)
    }

    /// An exemplar up to the end of the line; nil: it is none, and the value counts without it.
    private mutating func exemplar() -> ExpositionLine.Exemplar? {
        position += 1
        skipSpace()
        let start = position
        guard position < end, bytes[position] == UInt8(ascii: "{"), let isPlain = labels() else { return nil }
        let labels = start..<position
        skipSpace()
        guard let value = number() else { return nil }
        var exemplar = ExpositionLine.Exemplar(labels: labels, hasPlainLabels: isPlain, value: value)
        skipSpace()
        if position < end {
            guard let time = number() else { return nil }
            exemplar.time = time
            skipSpace()
        }
        return position == end ? exemplar : nil
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
        if position < end { position += 1 }
        var last = end
        while last > position, bytes[last - 1] == 13 { last -= 1 }
        return .description(keyword: keyword, name: name, text: position..<last)
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

    /// As a metric's, without colons.
    private mutating func labelName() -> Range<Int>? {
        guard let name = name(), !bytes[name].contains(UInt8(ascii: ":")) else { return nil }
        return name
    }

    /// Whether they are written plainly; nil: they are none.
    private mutating func labels() -> Bool? {
        position += 1
        var isPlain = true
        var isFirst = true
        func skip(_ reader: inout LineReader) {
            let start = reader.position
            reader.skipSpace()
            if reader.position > start { isPlain = false }
        }
        while true {
            skip(&self)
            guard position < end else { return nil }
            if bytes[position] == UInt8(ascii: "}") {
                position += 1
                // A comma was before it.
                return isPlain && isFirst
            }
            guard labelName() != nil else { return nil }
            skip(&self)
            guard take("=") else { return nil }
            skip(&self)
            guard take("\"") else { return nil }
            let start = position
            while position < end, bytes[position] != UInt8(ascii: "\"") {
                position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
            }
            guard position < end, isText(start..<position) else { return nil }
            position += 1
            skip(&self)
            guard position < end else { return nil }
            switch bytes[position] {
            case UInt8(ascii: ","):
                position += 1
                isFirst = false
            case UInt8(ascii: "}"):
                position += 1
                return isPlain
            default: return nil
            }
        }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < end, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func number() -> Range<Int>? {
        let start = position
        while position < end, !isSpace(bytes[position]) { position += 1 }
        guard position > start else { return nil }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if ["+Inf", "-Inf", "Inf", "NaN"].contains(text) { return start..<position }
        // Scrapers read neither hexadecimal numbers, nor those that are too large.
        guard let value = Double(text), value.isFinite || text.lowercased().contains("n"),
            text.utf8.allSatisfy({ $0 < 0x80 && !"(xXpP".utf8.contains($0) })
        else { return nil }
        return start..<position
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
