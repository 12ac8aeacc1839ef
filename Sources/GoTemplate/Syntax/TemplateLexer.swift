/// Splits a template into tokens.
struct TemplateLexer {
    private let bytes: [UInt8]
    private var position = 0
    private var tokens: [TemplateToken] = []

    private init(_ text: String) { bytes = Array(text.utf8) }

    static func tokens(of text: String) throws(TemplateFault) -> [TemplateToken] {
        var lexer = TemplateLexer(text)
        try lexer.lex()
        return lexer.tokens
    }

    private mutating func lex() throws(TemplateFault) {
        var trimsLeading = false
        while position < bytes.count {
            let start = position
            let open = next("{{", from: position)
            var end = open ?? bytes.count
            let trimsTrailing = open.map { hasTrimMarker(after: $0 + 2) } ?? false
            var begin = start
            if trimsLeading { while begin < end, isBlank(bytes[begin]) { begin += 1 } }
            if trimsTrailing { while end > begin, isBlank(bytes[end - 1]) { end -= 1 } }
            if end > begin { add(.text(String(decoding: bytes[begin..<end], as: UTF8.self)), at: begin) }
            guard let open else { break }
            trimsLeading = try action(at: open, isTrimming: trimsTrailing)
        }
        add(.end, at: bytes.count)
    }

    /// - Returns: Whether what follows loses its leading blanks.
    private mutating func action(at open: Int, isTrimming: Bool) throws(TemplateFault) -> Bool {
        position = open + 2 + (isTrimming ? 1 : 0)
        let contentStart = isTrimming ? position + 1 : position
        if starts("/*", at: contentStart) { return try comment(at: contentStart) }
        add(.actionStart, at: open)
        while true {
            let before = position
            while position < bytes.count, isBlank(bytes[position]) { position += 1 }
            let hasSpace = position > before
            guard position < bytes.count else {
                throw TemplateFault(problem: "an action has no closing \"}}\"", offset: open)
            }
            if hasSpace, starts("-}}", at: position) {
                add(.actionEnd, at: position)
                position += 3
                return true
            }
            if starts("}}", at: position) {
                add(.actionEnd, at: position)
                position += 2
                return false
            }
            try token(followsSpace: hasSpace)
        }
    }

    private mutating func comment(at start: Int) throws(TemplateFault) -> Bool {
        guard let close = next("*/", from: start + 2) else {
            throw TemplateFault(problem: "a comment has no closing \"*/\"", offset: start)
        }
        position = close + 2
        if starts("}}", at: position) {
            position += 2
            return false
        }
        if position < bytes.count, isBlank(bytes[position]), starts("-}}", at: position + 1) {
            position += 4
            return true
        }
        throw TemplateFault(problem: "a comment has to end right before \"}}\"", offset: position)
    }

    private mutating func token(followsSpace: Bool) throws(TemplateFault) {
        let start = position
        let byte = bytes[position]
        let kind: TemplateToken.Kind
        switch byte {
        case UInt8(ascii: "|"): kind = single(.pipe)
        case UInt8(ascii: "("): kind = single(.leftParenthesis)
        case UInt8(ascii: ")"): kind = single(.rightParenthesis)
        case UInt8(ascii: ","): kind = single(.comma)
        case UInt8(ascii: "="): kind = single(.assign)
        case UInt8(ascii: ":") where starts(":=", at: position):
            position += 2
            kind = .declare
        case UInt8(ascii: "\""): kind = .string(try quoted())
        case UInt8(ascii: "`"): kind = .string(try raw())
        case UInt8(ascii: "'"): kind = .integer(try character())
        case UInt8(ascii: "$"):
            position += 1
            kind = .variable(name())
        case UInt8(ascii: ".") where position + 1 >= bytes.count || !isDigit(bytes[position + 1]):
            position += 1
            kind = .field(name())
        case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "0")...UInt8(ascii: "9"):
            kind = try number()
        default:
            let word = name()
            guard !word.isEmpty else {
                throw TemplateFault(
                    problem: "the character \"\(characterText(at: start))\" has no meaning here", offset: start)
            }
            kind = .word(word)
        }
        add(kind, at: start, followsSpace: followsSpace)
    }

    private mutating func single(_ kind: TemplateToken.Kind) -> TemplateToken.Kind {
        position += 1
        return kind
    }

    private mutating func name() -> String {
        let start = position
        while position < bytes.count, isAlphanumeric(bytes[position]) { position += 1 }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func raw() throws(TemplateFault) -> String {
        let start = position + 1
        guard let end = bytes[start...].firstIndex(of: UInt8(ascii: "`")) else {
            throw TemplateFault(problem: "a string has no closing \"`\"", offset: position)
        }
        position = end + 1
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    private mutating func quoted() throws(TemplateFault) -> String {
        let start = position
        position += 1
        var text: [UInt8] = []
        while position < bytes.count, bytes[position] != UInt8(ascii: "\n") {
            if bytes[position] == UInt8(ascii: "\"") {
                position += 1
                return String(decoding: text, as: UTF8.self)
            }
            if bytes[position] == UInt8(ascii: "\\") {
                text.append(contentsOf: try escape())
            } else {
                text.append(bytes[position])
                position += 1
            }
        }
        throw TemplateFault(problem: "a string has no closing quote", offset: start)
    }

    private mutating func character() throws(TemplateFault) -> Int64 {
        let start = position
        position += 1
        var text: [UInt8] = []
        while position < bytes.count, bytes[position] != UInt8(ascii: "\n") {
            if bytes[position] == UInt8(ascii: "'"), !text.isEmpty {
                position += 1
                let scalars = String(decoding: text, as: UTF8.self).unicodeScalars
                guard scalars.count == 1, let scalar = scalars.first else { break }
                return Int64(scalar.value)
            }
            if bytes[position] == UInt8(ascii: "\\") {
                text.append(contentsOf: try escape())
            } else {
                text.append(bytes[position])
                position += 1
            }
        }
        throw TemplateFault(problem: "a character has no closing \"'\", or there are several", offset: start)
    }

    private mutating func escape() throws(TemplateFault) -> [UInt8] {
        let start = position
        guard position + 1 < bytes.count else {
            throw TemplateFault(problem: "a string ends within an escape", offset: start)
        }
        let byte = bytes[position + 1]
        position += 2
        switch byte {
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "a"): return [0x07]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "v"): return [0x0B]
        case UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "'"): return [byte]
        case UInt8(ascii: "x"), UInt8(ascii: "u"), UInt8(ascii: "U"):
            let length = byte == UInt8(ascii: "x") ? 2 : byte == UInt8(ascii: "u") ? 4 : 8
            let digits = bytes[min(position, bytes.count)..<min(position + length, bytes.count)]
            guard digits.count == length, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
                let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
            else { throw TemplateFault(problem: "an escape needs \(length) hexadecimal digits", offset: start) }
            position += length
            if length == 2 { return [UInt8(truncatingIfNeeded: value)] }
            guard let scalar = Unicode.Scalar(value) else {
                throw TemplateFault(problem: "an escape names no character", offset: start)
            }
            return Array(String(Character(scalar)).utf8)
        default: throw TemplateFault(problem: "an unknown escape in a string", offset: start)
        }
    }

    private mutating func number() throws(TemplateFault) -> TemplateToken.Kind {
        let start = position
        position += 1
        while position < bytes.count {
            let byte = bytes[position]
            let isExponentSign =
                (byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-"))
                && (bytes[position - 1] | 0x20) == UInt8(ascii: "e") && !starts("0x", at: start)
            guard isAlphanumeric(byte) || byte == UInt8(ascii: ".") || isExponentSign else { break }
            position += 1
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self).filter { $0 != "_" }
        if let value = integer(text) { return .integer(value) }
        let isDecimal = text.utf8.allSatisfy { "0123456789.+-eE".utf8.contains($0) }
        if isDecimal, let value = Double(text), value.isFinite { return .double(value) }
        throw TemplateFault(problem: "\"\(text.prefix(40))\" is no number", offset: start)
    }

    private func integer(_ text: String) -> Int64? {
        let isNegative = text.hasPrefix("-")
        let digits = text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : text[...]
        let sign = isNegative ? "-" : ""
        let lower = digits.lowercased()
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where lower.hasPrefix(prefix) {
            let rest = lower.dropFirst(2)
            guard rest.first?.isHexDigit == true else { return nil }
            return Int64(sign + rest, radix: radix)
        }
        guard digits.first?.isNumber == true else { return nil }
        if digits.count > 1, digits.hasPrefix("0") { return Int64(sign + digits, radix: 8) }
        return Int64(sign + digits)
    }

    // MARK: Bytes

    private mutating func add(_ kind: TemplateToken.Kind, at offset: Int, followsSpace: Bool = false) {
        tokens.append(TemplateToken(kind: kind, offset: offset, followsSpace: followsSpace))
    }

    private func hasTrimMarker(after offset: Int) -> Bool {
        offset + 1 < bytes.count && bytes[offset] == UInt8(ascii: "-") && isBlank(bytes[offset + 1])
    }

    private func starts(_ word: String, at offset: Int) -> Bool {
        offset + word.utf8.count <= bytes.count && bytes[offset..<offset + word.utf8.count].elementsEqual(word.utf8)
    }

    private func next(_ word: String, from offset: Int) -> Int? {
        let first = word.utf8[word.utf8.startIndex]
        var index = offset
        while let found = bytes[min(index, bytes.count)...].firstIndex(of: first) {
            if starts(word, at: found) { return found }
            index = found + 1
        }
        return nil
    }

    private func characterText(at offset: Int) -> String {
        String(decoding: bytes[offset...].prefix(4), as: UTF8.self).first.map(String.init) ?? ""
    }

    private func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte) && byte != 0x0B && byte != 0x0C
    }
    private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    private func isAlphanumeric(_ byte: UInt8) -> Bool {
        isDigit(byte) || byte == UInt8(ascii: "_") || byte >= 0x80
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
