import KubernetesModel

/// `printf`: Go's verbs %v %s %q %d %t %f %g %e %x %X %o %b %c %U %T %%, with flags, width and precision.
struct GoFormatting {
    private var rest: Substring.UnicodeScalarView
    private let arguments: [TemplateValue]
    private let limit: Int
    private var next = 0
    private var result = ""

    init(_ format: String, _ arguments: [TemplateValue], limit: Int) {
        rest = Substring(format).unicodeScalars
        self.arguments = arguments
        self.limit = limit
    }

    private struct Directive {
        var isLeft = false
        var hasPlus = false
        var hasZeros = false
        var isSharp = false
        var hasBlank = false
        var width: Int?
        var precision: Int?
    }

    private static let widest = 1000

    mutating func formatted() throws(TemplateProblem) -> String {
        while let scalar = rest.popFirst() {
            if scalar == "%" { try directive() } else { result.unicodeScalars.append(scalar) }
            guard result.utf8.count <= limit else { throw TemplateProblem("the text has more than \(limit) bytes") }
        }
        if next < arguments.count {
            let extra = arguments[next...].map { "\($0.json.goTypeName)=\($0.json.goText)" }
            result += "%!(EXTRA \(extra.joined(separator: ", ")))"
        }
        return result
    }

    private mutating func directive() throws(TemplateProblem) {
        var directive = Directive()
        flags: while let scalar = rest.first {
            switch scalar {
            case "-": directive.isLeft = true
            case "+": directive.hasPlus = true
            case "0": directive.hasZeros = true
            case "#": directive.isSharp = true
            case " ": directive.hasBlank = true
            default: break flags
            }
            rest.removeFirst()
        }
        directive.width = try number()
        if rest.first == "." {
            rest.removeFirst()
            directive.precision = try number() ?? 0
        }
        guard let verb = rest.popFirst() else {
            result += "%!(NOVERB)"
            return
        }
        if verb == "%" {
            result += "%"
            return
        }
        guard next < arguments.count else {
            result += "%!\(Character(verb))(MISSING)"
            return
        }
        let value = arguments[next]
        next += 1
        result += padded(text(of: value.json, verb, directive), directive, value.json)
    }

    private mutating func number() throws(TemplateProblem) -> Int? {
        if rest.first == "*" {
            rest.removeFirst()
            guard next < arguments.count, let width = arguments[next].json.integer else {
                throw TemplateProblem("\"*\" needs a number as its argument")
            }
            next += 1
            guard (0...Int64(Self.widest)).contains(width) else {
                throw TemplateProblem("a width or precision is at most \(Self.widest)")
            }
            return Int(width)
        }
        var value: Int?
        while let digit = rest.first?.properties.numericType == .decimal ? rest.first : nil, digit.isASCII {
            rest.removeFirst()
            let number = (value ?? 0) * 10 + Int(digit.value - 48)
            guard number <= Self.widest else { throw TemplateProblem("a width or precision is at most \(Self.widest)") }
            value = number
        }
        return value
    }

    private func text(of json: JSONValue, _ verb: Unicode.Scalar, _ directive: Directive) -> String {
        let wrong = "%!\(Character(verb))(\(json.goTypeName)=\(json.goText))"
        switch verb {
        case "v", "s":
            if verb == "s", case .integer = json { return wrong }
            if verb == "s", case .bool = json { return wrong }
            if verb == "s", case .double = json { return wrong }
            let text = verb == "v" && directive.isSharp ? goSyntax(json) : json.goText
            if case .integer(let value) = json, directive.hasPlus, value >= 0 { return "+" + text }
            return directive.precision.map { String(text.prefix($0)) } ?? text
        case "q":
            switch json {
            case .string(let text): return goQuoted(directive.precision.map { String(text.prefix($0)) } ?? text)
            case .integer(let value):
                let scalar = UInt32(exactly: value).flatMap { Unicode.Scalar($0) } ?? "\u{FFFD}"
                return "'\(Character(scalar))'"
            case .array(let elements):
                return "[" + elements.map { text(of: $0, verb, directive) }.joined(separator: " ") + "]"
            default: return wrong
            }
        case "d", "x", "X", "o", "b", "c", "U": return integral(json, verb, directive) ?? wrong
        case "t": if case .bool(let value) = json { return value ? "true" : "false" } else { return wrong }
        case "f", "F", "g", "G", "e", "E": return decimal(json, verb, directive) ?? wrong
        case "T": return json.goTypeName
        default: return wrong
        }
    }

    private func integral(_ json: JSONValue, _ verb: Unicode.Scalar, _ directive: Directive) -> String? {
        if case .string(let text) = json, verb == "x" || verb == "X" {
            return text.utf8.map { hex($0, isUpper: verb == "X") }.joined()
        }
        if case .array(let elements) = json {
            let texts = elements.map { text(of: $0, verb, directive) }
            return "[" + texts.joined(separator: " ") + "]"
        }
        guard case .integer(let value) = json else {
            // Numbers of YAML are floating in Go; those without fraction mean whole ones.
            if case .double(let value) = json, let whole = Int64(exactly: value) {
                return integral(.integer(whole), verb, directive)
            }
            return nil
        }
        let magnitude = value.magnitude
        let sign = value < 0 ? "-" : directive.hasPlus ? "+" : directive.hasBlank ? " " : ""
        switch verb {
        case "d": return sign + String(magnitude)
        case "x": return sign + (directive.isSharp ? "0x" : "") + String(magnitude, radix: 16)
        case "X": return sign + (directive.isSharp ? "0X" : "") + String(magnitude, radix: 16, uppercase: true)
        case "o": return sign + (directive.isSharp ? "0" : "") + String(magnitude, radix: 8)
        case "b": return sign + String(magnitude, radix: 2)
        case "c": return String(Character(UInt32(exactly: value).flatMap { Unicode.Scalar($0) } ?? "\u{FFFD}"))
        default:
            let digits = String(magnitude, radix: 16, uppercase: true)
            return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        }
    }

    private func decimal(_ json: JSONValue, _ verb: Unicode.Scalar, _ directive: Directive) -> String? {
        let value: Double
        switch json {
        case .double(let double): value = double
        default: return nil
        }
        if verb == "g" || verb == "G" { return goNumber(value) }
        if verb == "e" || verb == "E" { return exponential(value, directive.precision ?? 6) }
        return fixed(value, directive.precision ?? 6)
    }

    /// With so many digits after the point.
    private func fixed(_ value: Double, _ precision: Int) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return goNumber(value) }
        let precision = min(precision, 15)
        var scale: Double = 1
        for _ in 0..<precision { scale *= 10 }
        let scaled = (abs(value) * scale).rounded(.toNearestOrEven)
        guard scaled < 9e18 else { return goNumber(value) }
        let digits = String(Int64(scaled))
        let padded = String(repeating: "0", count: max(0, precision + 1 - digits.count)) + digits
        let sign = value < 0 ? "-" : ""
        guard precision > 0 else { return sign + padded }
        return sign + padded.dropLast(precision) + "." + padded.suffix(precision)
    }

    private func exponential(_ value: Double, _ precision: Int) -> String {
        guard value.isFinite, value != 0 else { return value == 0 ? fixed(0, precision) + "e+00" : goNumber(value) }
        var mantissa = abs(value)
        var exponent = 0
        while mantissa >= 10, exponent < 400 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
        while mantissa < 1, exponent > -400 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
        let digits = String(exponent.magnitude)
        return (value < 0 ? "-" : "") + fixed(mantissa, precision) + "e" + (exponent < 0 ? "-" : "+")
            + (digits.count < 2 ? "0" : "") + digits
    }

    private func padded(_ text: String, _ directive: Directive, _ json: JSONValue) -> String {
        guard let width = directive.width, text.count < width else { return text }
        let missing = width - text.count
        if directive.isLeft { return text + String(repeating: " ", count: missing) }
        if directive.hasZeros {
            let zeros = String(repeating: "0", count: missing)
            return text.hasPrefix("-") || text.hasPrefix("+") ? text.prefix(1) + zeros + text.dropFirst() : zeros + text
        }
        return String(repeating: " ", count: missing) + text
    }

    private func goSyntax(_ json: JSONValue) -> String {
        if case .string(let text) = json { return goQuoted(text) }
        return json.goText
    }

    private func hex(_ byte: UInt8, isUpper: Bool) -> String {
        let text = String(byte, radix: 16, uppercase: isUpper)
        return text.count < 2 ? "0" + text : text
    }
}

extension JSONValue {
    /// What Go calls the type.
    var goTypeName: String {
        switch self {
        case .null: "<nil>"
        case .bool: "bool"
        case .integer: "int"
        case .double: "float64"
        case .string: "string"
        case .array: "[]interface {}"
        case .object: "map[string]interface {}"
        }
    }
}
