import KubernetesModel
import MeshTranslator

/// An expression that has no value: a field that is not there, an operation that there is not. A rule that ends so is
/// broken, as the API server has it.
struct NoValue: Error {}

extension Expression {
    /// What the expression is, `self` and other names being known.
    func value(_ names: [String: JSONValue]) throws(NoValue) -> JSONValue {
        switch self {
        case .literal(let value): return value
        case .emptyMap: return [:]
        case .name(let name):
            guard let value = names[name] else { throw NoValue() }
            return value
        case .field(let object, let name):
            guard let value = try object.value(names)[name] else { throw NoValue() }
            return value
        case .element(let collection, let key):
            return try element(of: try collection.value(names), try key.value(names))
        case .list(let elements):
            var values: [JSONValue] = []
            for element in elements { values.append(try element.value(names)) }
            return .array(values)
        case .not(let inner): return .bool(try !inner.verdict(names))
        case .negative(let inner): return .integer(0 &- (try inner.number(names)))
        case .both(let left, let right): return .bool(try both(left, right, names))
        case .either(let left, let right): return .bool(try !both(.not(left), .not(right), names))
        case .comparison(let relation, let left, let right):
            return .bool(try compares(relation, try left.value(names), try right.value(names)))
        case .choice(let condition, let yes, let no):
            return try condition.verdict(names) ? try yes.value(names) : try no.value(names)
        case .presence(let object, let field): return .bool(try object.value(names)[field] != nil)
        case .call(let name, let receiver, let arguments): return try call(name, receiver, arguments, names)
        case .quantifier(let kind, let collection, let name, let condition):
            return try quantified(kind, try collection.value(names), name, condition, names)
        }
    }

    /// Whether it is true.
    func verdict(_ names: [String: JSONValue]) throws(NoValue) -> Bool {
        guard case .bool(let value) = try value(names) else { throw NoValue() }
        return value
    }

    private func number(_ names: [String: JSONValue]) throws(NoValue) -> Int64 {
        guard let value = try value(names).integer else { throw NoValue() }
        return value
    }

    private func text(_ names: [String: JSONValue]) throws(NoValue) -> String {
        guard case .string(let text) = try value(names) else { throw NoValue() }
        return text
    }

    /// One side that is false decides, even if the other one has no value.
    private func both(
        _ left: Expression, _ right: Expression, _ names: [String: JSONValue]
    ) throws(NoValue) -> Bool {
        do throws(NoValue) {
            guard try left.verdict(names) else { return false }
        } catch {
            guard try right.verdict(names) else { return false }
            throw error
        }
        return try right.verdict(names)
    }

    private func element(of collection: JSONValue, _ key: JSONValue) throws(NoValue) -> JSONValue {
        if let elements = collection.array, let index = key.integer, elements.indices.contains(Int(clamping: index)) {
            return elements[Int(clamping: index)]
        }
        guard let name = key.string, let value = collection[name] else { throw NoValue() }
        return value
    }

    private func compares(_ relation: String, _ left: JSONValue, _ right: JSONValue) throws(NoValue) -> Bool {
        switch relation {
        case "==": return left == right
        case "!=": return left != right
        case "in":
            if let elements = right.array { return elements.contains(left) }
            guard let name = left.string, let fields = right.object else { throw NoValue() }
            return fields[name] != nil
        default:
            let order: Int
            switch (left, right) {
            case (.integer(let left), .integer(let right)): order = left < right ? -1 : left > right ? 1 : 0
            case (.string(let left), .string(let right)): order = left < right ? -1 : left > right ? 1 : 0
            default:
                guard let left = left.double, let right = right.double else { throw NoValue() }
                order = left < right ? -1 : left > right ? 1 : 0
            }
            switch relation {
            case "<": return order < 0
            case "<=": return order <= 0
            case ">": return order > 0
            default: return order >= 0
            }
        }
    }

    private func quantified(
        _ kind: String, _ collection: JSONValue, _ name: String, _ condition: Expression, _ names: [String: JSONValue]
    ) throws(NoValue) -> JSONValue {
        let values: [JSONValue]
        switch collection {
        case .array(let elements): values = elements
        case .object(let fields): values = fields.keys.sorted().map { .string($0) }
        default: throw NoValue()
        }
        var names = names
        var count = 0
        for value in values {
            names[name] = value
            if try condition.verdict(names) { count += 1 }
        }
        switch kind {
        case "all": return .bool(count == values.count)
        case "exists": return .bool(count > 0)
        default: return .bool(count == 1)
        }
    }

    private func call(
        _ name: String, _ receiver: Expression?, _ arguments: [Expression], _ names: [String: JSONValue]
    ) throws(NoValue) -> JSONValue {
        let all = (receiver.map { [$0] } ?? []) + arguments
        guard let first = all.first else { throw NoValue() }
        func second() throws(NoValue) -> String {
            guard all.count == 2 else { throw NoValue() }
            return try all[1].text(names)
        }
        switch name {
        case "+":
            let (left, right) = (try first.value(names), try all[1].value(names))
            if case .string(let left) = left, case .string(let right) = right { return .string(left + right) }
            guard let left = left.integer, let right = right.integer else { throw NoValue() }
            return .integer(left &+ right)
        case "-": return .integer(try first.number(names) &- all[1].number(names))
        case "size":
            switch try first.value(names) {
            case .string(let text): return .integer(Int64(text.unicodeScalars.count))
            case .array(let elements): return .integer(Int64(elements.count))
            case .object(let fields): return .integer(Int64(fields.count))
            default: throw NoValue()
            }
        case "contains":
            let (text, part) = (try first.text(names), try second())
            return .bool(text.utf8.contains(part))
        case "startsWith": return .bool(try first.text(names).hasPrefix(try second()))
        case "endsWith": return .bool(try first.text(names).hasSuffix(try second()))
        case "substring":
            let scalars = Array(try first.text(names).unicodeScalars)
            let start = try all[1].number(names)
            let end = all.count > 2 ? try all[2].number(names) : Int64(scalars.count)
            guard start >= 0, start <= end, end <= Int64(scalars.count) else { throw NoValue() }
            return .string(String(String.UnicodeScalarView(scalars[Int(start)..<Int(end)])))
        case "matches": return .bool(try matches(try first.text(names), try second()))
        case "int":
            if case .string(let text) = try first.value(names) {
                guard let value = Int64(text) else { throw NoValue() }
                return .integer(value)
            }
            return .integer(try first.number(names))
        case "string": return .string(try first.value(names).scalarText)
        case "duration":
            guard let seconds = durationSeconds(try first.text(names)) else { throw NoValue() }
            return .double(seconds)
        case "isURL": return .bool(urlScheme(of: try first.text(names)) != nil)
        case "url":
            guard let scheme = urlScheme(of: try first.text(names)) else { throw NoValue() }
            return ["scheme": .string(scheme)]
        case "getScheme":
            guard let scheme = try first.value(names)["scheme"] else { throw NoValue() }
            return scheme
        default: throw NoValue()
        }
    }

    private func matches(_ text: String, _ pattern: String) throws(NoValue) -> Bool {
        guard let regex = try? Regex(pattern) else { throw NoValue() }
        return (try? regex.firstMatch(in: text)) != nil
    }
}

extension String.UTF8View {
    fileprivate func contains(_ part: String) -> Bool {
        let (bytes, wanted) = (Array(self), Array(part.utf8))
        guard !wanted.isEmpty else { return true }
        guard bytes.count >= wanted.count else { return false }
        return (0...bytes.count - wanted.count).contains { bytes[$0..<$0 + wanted.count].elementsEqual(wanted) }
    }
}

extension JSONValue {
    fileprivate var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }

    fileprivate var scalarText: String {
        if case .string(let text) = self { return text }
        return jsonText
    }
}

/// Seconds of a duration as Go writes it, such as `1h30m` or `-1.5s`.
func durationSeconds(_ text: String) -> Double? { DurationText.nanoseconds(text).map { $0 / 1e9 } }

/// The scheme of a text that Go reads as a request's URL: an absolute one, or a path that begins with a slash.
func urlScheme(of text: String) -> String? {
    guard !text.isEmpty, !text.contains(where: { $0 == " " || ($0.asciiValue.map { $0 < 0x21 } ?? false) }) else {
        return nil
    }
    if text.hasPrefix("/") { return "" }
    guard let colon = text.firstIndex(of: ":") else { return nil }
    let scheme = text[..<colon]
    let isScheme =
        (scheme.first.map { $0.isASCII && $0.isLetter } ?? false)
        && scheme.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) }
    guard isScheme else { return nil }
    return scheme.lowercased()
}
