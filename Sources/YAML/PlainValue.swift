/// What a plain scalar without tag means; see `YAMLScalar.resolved`.
func plainValue(_ text: String) -> YAMLValue {
    guard let first = text.utf8.first else { return .null }
    switch first {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
        return numericValue(text) ?? .string(text)
    case UInt8(ascii: "~"):
        return text.utf8.count == 1 ? .null : .string(text)
    case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "y"), UInt8(ascii: "n"), UInt8(ascii: "o"),
        UInt8(ascii: "T"), UInt8(ascii: "F"), UInt8(ascii: "Y"), UInt8(ascii: "N"), UInt8(ascii: "O"):
        // the longest word is "false"
        return text.utf8.count <= 5 ? words[text] ?? .string(text) : .string(text)
    default:
        return .string(text)
    }
}

/// Words that are no strings, in each of their three casings.
private let words: [String: YAMLValue] = {
    var words: [String: YAMLValue] = [:]
    let meanings: [(String, YAMLValue)] = [
        ("true", .bool(true)), ("yes", .bool(true)), ("on", .bool(true)),
        ("false", .bool(false)), ("no", .bool(false)), ("off", .bool(false)),
        ("null", .null),
    ]
    for (word, value) in meanings {
        words[word] = value
        words[word.uppercased()] = value
        words[word.prefix(1).uppercased() + word.dropFirst()] = value
    }
    return words
}()

/// The number that a text beginning with a digit, sign or dot stands for, nil if it is none.
private func numericValue(_ text: String) -> YAMLValue? {
    if let special = specialNumber(text) { return special }
    guard let digits = withoutSeparators(text) else { return nil }
    switch Integer(digits) {
    case .value(let value): return .integer(value)
    case .tooLarge: return nil
    case .none: break
    }
    guard isDecimalFloat(digits), let value = Double(String(decoding: digits, as: UTF8.self)), value.isFinite
    else { return nil }
    return .double(value)
}

private func specialNumber(_ text: String) -> YAMLValue? {
    switch text {
    case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": .double(.infinity)
    case "-.inf", "-.Inf", "-.INF": .double(-.infinity)
    case ".nan", ".NaN", ".NAN": .double(.nan)
    default: nil
    }
}

/// The text without the underscores that group digits.
///
/// After a digit or sign they may stand anywhere, after a leading dot only between two digits: so do the parsers that
/// Kubernetes users know.
private func withoutSeparators(_ text: String) -> [UInt8]? {
    let bytes = Array(text.utf8)
    let separator = UInt8(ascii: "_")
    guard bytes.contains(separator) else { return bytes }
    if bytes.first == UInt8(ascii: ".") {
        for index in bytes.indices where bytes[index] == separator {
            guard index + 1 < bytes.count, bytes[index - 1].isDigit, bytes[index + 1].isDigit else { return nil }
        }
    }
    return bytes.filter { $0 != separator }
}

/// Whether the text is a number when its size does not matter: also an integer beyond 64 bits or a float beyond 1e308.
func looksNumeric(_ text: String) -> Bool {
    let digits = text.utf8.filter { $0 != UInt8(ascii: "_") }
    return Integer(digits) != nil || isDecimalFloat(digits)
}

/// A whole number as YAML writes it: decimal, `0x`, `0o`, `0b`, or octal after a leading zero.
private enum Integer {
    case value(Int64)
    case tooLarge

    init?(_ text: [UInt8]) {
        var digits = text[...]
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative || digits.first == UInt8(ascii: "+") { digits.removeFirst() }
        var radix: UInt64 = 10
        if digits.first == UInt8(ascii: "0"), let marker = digits.dropFirst().first {
            switch marker | 0x20 {
            case UInt8(ascii: "x"): (radix, digits) = (16, digits.dropFirst(2))
            case UInt8(ascii: "o"): (radix, digits) = (8, digits.dropFirst(2))
            case UInt8(ascii: "b"): (radix, digits) = (2, digits.dropFirst(2))
            default: (radix, digits) = (8, digits.dropFirst())
            }
        }
        guard !digits.isEmpty else { return nil }

        var magnitude: UInt64 = 0
        var overflows = false
        for byte in digits {
            guard let digit = byte.hexDigitValue, digit < radix else { return nil }
            let (product, first) = magnitude.multipliedReportingOverflow(by: radix)
            let (sum, second) = product.addingReportingOverflow(digit)
            magnitude = sum
            overflows = overflows || first || second
        }
        if overflows {
            self = .tooLarge
        } else if isNegative, magnitude <= Int64.min.magnitude {
            self = .value(Int64(truncatingIfNeeded: 0 &- magnitude))
        } else if !isNegative, let value = Int64(exactly: magnitude) {
            self = .value(value)
        } else {
            self = .tooLarge
        }
    }
}

/// Whether the text is `[-+]? (digits (. digits?)? | . digits) ([eE] [-+]? digits)?`.
private func isDecimalFloat(_ text: [UInt8]) -> Bool {
    var rest = text[...]
    func isSign(_ byte: UInt8?) -> Bool { byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") }
    func dropDigits() -> Int {
        let before = rest.count
        rest = rest.drop { $0.isDigit }
        return before - rest.count
    }
    if isSign(rest.first) { rest.removeFirst() }
    let whole = dropDigits()
    if rest.first == UInt8(ascii: ".") {
        rest.removeFirst()
        if dropDigits() + whole == 0 { return false }
    } else if whole == 0 {
        return false
    }
    if let byte = rest.first, byte | 0x20 == UInt8(ascii: "e") {
        rest.removeFirst()
        if isSign(rest.first) { rest.removeFirst() }
        if dropDigits() == 0 { return false }
    }
    return rest.isEmpty
}

extension UInt8 {
    var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }

    fileprivate var hexDigitValue: UInt64? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(self - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(self - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(self - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}
