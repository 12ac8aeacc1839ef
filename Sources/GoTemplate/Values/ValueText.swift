import KubernetesModel

extension TemplateValue {
    /// As an action prints it.
    var text: String {
        if json.isNull { return nature == .structure ? "" : "<no value>" }
        return json.goText
    }
}

extension JSONValue {
    /// As Go prints it (`%v`), keys of maps sorted.
    var goText: String {
        switch self {
        case .null: "<nil>"
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        case .double(let value): goNumber(value)
        case .string(let value): value
        case .array(let elements): "[" + elements.map(\.goText).joined(separator: " ") + "]"
        case .object(let fields):
            "map["
                + fields.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
                .map { "\($0.key):\($0.value.goText)" }.joined(separator: " ") + "]"
        }
    }
}

/// A number as Go prints it: the shortest text that is read back as the same one, with an exponent if it is very large
/// or very small.
func goNumber(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    if let integer = Int64(exactly: value) { return String(integer) }
    let text = "\(value)"
    guard let mark = text.firstIndex(of: "e") else { return text }
    var mantissa = text[..<mark]
    if mantissa.hasSuffix(".0") { mantissa = mantissa.dropLast(2) }
    let exponent = Int(text[text.index(after: mark)...]) ?? 0
    let digits = String(exponent.magnitude)
    return "\(mantissa)e\(exponent < 0 ? "-" : "+")\(digits.count < 2 ? "0" : "")\(digits)"
}

/// A text in double quotes with Go's escapes.
func goQuoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case "\n": result += "\\n"
        case "\r": result += "\\r"
        case "\t": result += "\\t"
        case "\u{07}": result += "\\a"
        case "\u{08}": result += "\\b"
        case "\u{0B}": result += "\\v"
        case "\u{0C}": result += "\\f"
        case _ where scalar.value < 0x20 || scalar.value == 0x7F:
            let hex = String(scalar.value, radix: 16)
            result += "\\x" + (hex.count < 2 ? "0" : "") + hex
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}
