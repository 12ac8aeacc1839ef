/// What is told of a regular expression (RE2) by its syntax: a proxy that gets one it cannot read takes nothing else
/// that comes with it.
struct RegularExpressionSyntax {
    /// Groups that a substitution can name.
    private(set) var groupCount = 0

    private let characters: [Character]
    private var position = 0
    private var depth = 0

    /// - Throws: Why it is none.
    init(_ pattern: String) throws(RegularExpressionFault) {
        characters = Array(pattern)
        guard characters.count <= 1024 else { throw .init("has more than 1024 characters") }
        _ = try alternatives()
        if position < characters.count { throw .init("has a ) too many") }
    }

    private var next: Character? { position < characters.count ? characters[position] : nil }

    private func rest(begins text: String) -> Bool { characters[position...].starts(with: text) }

    private mutating func skip(_ text: String) -> Bool {
        guard rest(begins: text) else { return false }
        position += text.count
        return true
    }

    /// - Returns: How often the most repeated part may repeat.
    private mutating func alternatives() throws(RegularExpressionFault) -> Int {
        depth += 1
        defer { depth -= 1 }
        guard depth <= 200 else { throw .init("has groups within groups, too deep") }
        var most = 1
        while true {
            most = max(most, try sequence())
            if next != "|" { return most }
            position += 1
        }
    }

    private mutating func sequence() throws(RegularExpressionFault) -> Int {
        var most = 1
        while let character = next, character != "|", character != ")" {
            let start = position
            if try repetition() != nil { throw .init("has nothing before \(character) that could repeat") }
            position = start
            let inner = try atom()
            let times = try repetition() ?? 1
            if times > 1, inner * times > 1000 { throw .init("repeats something more than 1000 times") }
            most = max(most, inner * max(times, 1))
            if try repetition() != nil { throw .init("repeats what already repeats; put it in ( )") }
        }
        return most
    }

    /// `*`, `+`, `?` or `{n,m}`, with a `?` for as few as possible; nil if there is none.
    private mutating func repetition() throws(RegularExpressionFault) -> Int? {
        var times = 1
        switch next {
        case "*", "+", "?": position += 1
        case "{":
            let start = position
            position += 1
            guard let least = number() else {
                position = start
                return nil
            }
            var most: Int? = least
            if next == "," {
                position += 1
                most = number()
            }
            guard next == "}" else {
                position = start
                return nil
            }
            position += 1
            times = max(least, most ?? 0)
            if times > 1000 || least > most ?? least { throw .init("has a repetition outside of 0 to 1000") }
        default: return nil
        }
        if next == "?" { position += 1 }
        return times
    }

    private mutating func number() -> Int? {
        let digits = characters[position...].prefix { $0.isASCII && $0.isNumber }
        position += digits.count
        return digits.isEmpty ? nil : digits.count > 6 ? 1_000_000 : Int(String(digits))
    }

    private mutating func atom() throws(RegularExpressionFault) -> Int {
        switch next {
        case "(": return try group()
        case "[": try characterClass()
        case "\\": try escape(inClass: false)
        default: position += 1
        }
        return 1
    }

    private mutating func group() throws(RegularExpressionFault) -> Int {
        position += 1
        if skip("?") {
            if skip("P<") || skip("<") {
                let name = characters[position...].prefix { $0 != ">" }
                let isWord = name.allSatisfy { $0 == "_" || $0.isLetter || $0.isNumber }
                guard !name.isEmpty, isWord else { throw .init("looks around or has a group without a name") }
                position += name.count
                guard skip(">") else { throw .init("has a group whose name does not end") }
                groupCount += 1
            } else {
                let flags = characters[position...].prefix { "imsU-".contains($0) }
                position += flags.count
                if skip(")") { return 1 }
                guard skip(":") else { throw .init("has a group of a kind that is not known; RE2 cannot look around") }
            }
        } else {
            groupCount += 1
        }
        let most = try alternatives()
        guard skip(")") else { throw .init("has a ( without a )") }
        return most
    }

    private mutating func characterClass() throws(RegularExpressionFault) {
        position += 1
        _ = skip("^")
        var isFirst = true
        while let character = next, character != "]" || isFirst {
            isFirst = false
            if skip("[:") {
                let name = characters[position...].prefix { $0 != ":" }
                position += name.count
                let word = String(name.first == "^" ? name.dropFirst() : name)
                guard skip(":]"), posixClasses.contains(word) else { throw .init("has an unknown class [:\(word):]") }
                continue
            }
            let low = try classElement()
            guard next == "-", position + 1 < characters.count, characters[position + 1] != "]" else { continue }
            position += 1
            let high = try classElement()
            if let low, let high, low > high { throw .init("has the range \(low)-\(high), which is upside down") }
        }
        guard skip("]") else { throw .init("has a [ without a ]") }
    }

    private mutating func classElement() throws(RegularExpressionFault) -> Character? {
        guard let character = next else { throw .init("has a [ without a ]") }
        if character == "\\" {
            try escape(inClass: true)
            return nil
        }
        position += 1
        return character
    }

    private mutating func escape(inClass: Bool) throws(RegularExpressionFault) {
        position += 1
        guard let character = next else { throw .init("ends with a single \\") }
        position += 1
        switch character {
        case "d", "D", "s", "S", "w", "W", "a", "f", "t", "n", "r", "v", "0": break
        case "b", "B", "A", "z", "C":
            if inClass { throw .init("has \\\(character) within [ ]") }
        case "Q":
            if inClass { throw .init("has \\Q within [ ]") }
            while position < characters.count, !skip("\\E") { position += 1 }
        case "p", "P": try unicodeClass()
        case "x": try hexadecimal()
        case "1"..."7":
            // One digit would be what an earlier group has found.
            guard let second = next, ("0"..."7").contains(second) else {
                throw .init("refers to a group by \\\(character), which RE2 cannot")
            }
            position += 1
        default:
            guard character.isASCII, !character.isLetter, !character.isNumber else {
                throw .init("has the escape \\\(character), which is not known")
            }
        }
    }

    private mutating func unicodeClass() throws(RegularExpressionFault) {
        var name = ""
        if skip("{") {
            let word = characters[position...].prefix { $0 != "}" }
            position += word.count
            guard skip("}") else { throw .init("has a \\p{ without a }") }
            name = String(word.first == "^" ? word.dropFirst() : word)
        } else if let character = next {
            position += 1
            name = String(character)
        }
        guard unicodeClasses.contains(name) else { throw .init("has an unknown class \\p{\(name)}") }
    }

    private mutating func hexadecimal() throws(RegularExpressionFault) {
        let isBraced = skip("{")
        let digits = characters[position...].prefix { $0.isHexDigit }.prefix(isBraced ? 8 : 2)
        position += digits.count
        let value = Int(String(digits), radix: 16) ?? -1
        guard isBraced ? skip("}") && (0...0x10FFFF).contains(value) : digits.count == 2 else {
            throw .init("has a \\x without a number of a character")
        }
    }
}

/// Why a text is no regular expression.
struct RegularExpressionFault: Error {
    /// Such as "has a ( without a )".
    var message: String

    init(_ message: String) { self.message = message }
}

private let posixClasses: Set<String> = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "word",
    "xdigit",
]

/// Categories, and the scripts that are written most.
private let unicodeClasses: Set<String> = [
    "Any", "C", "Cc", "Cf", "Co", "Cs", "L", "Ll", "Lm", "Lo", "Lt", "Lu", "M", "Mc", "Me", "Mn", "N", "Nd", "Nl", "No",
    "P", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "S", "Sc", "Sk", "Sm", "So", "Z", "Zl", "Zp", "Zs", "Arabic",
    "Armenian", "Bengali", "Common", "Cyrillic", "Devanagari", "Ethiopic", "Georgian", "Greek", "Gujarati", "Gurmukhi",
    "Han", "Hangul", "Hebrew", "Hiragana", "Inherited", "Kannada", "Katakana", "Khmer", "Lao", "Latin", "Malayalam",
    "Mongolian", "Myanmar", "Oriya", "Sinhala", "Tamil", "Telugu", "Thai", "Tibetan",
]
