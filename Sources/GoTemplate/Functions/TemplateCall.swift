import KubernetesModel

/// A function's arguments, and what it may use.
struct TemplateCall {
    var arguments: [TemplateValue]
    let environment: [String: String]
    var budget: TemplateBudget

    subscript(_ index: Int) -> TemplateValue {
        arguments.indices.contains(index) ? arguments[index] : TemplateValue(.null)
    }

    /// The text of an argument; of another scalar its text, of nothing an empty one.
    func text(_ index: Int) -> String {
        let json = self[index].json
        return json.isNull ? "" : json.goText
    }

    /// A whole number, or a text of one.
    func integer(_ index: Int) throws(TemplateProblem) -> Int64 {
        let json = self[index].json
        switch json {
        case .integer(let value): return value
        case .double(let value):
            // Towards zero, as Go converts.
            if value.isFinite, abs(value) < 9e18 { return Int64(value) }
        case .string(let text): return Int64(text) ?? 0
        case .bool(let value): return value ? 1 : 0
        case .null: return 0
        default: break
        }
        throw TemplateProblem("argument \(index + 1) is a \(json.typeName), and must be a whole number")
    }

    func double(_ index: Int) throws(TemplateProblem) -> Double {
        if case .double(let value) = self[index].json { return value }
        if case .string(let text) = self[index].json { return Double(text) ?? 0 }
        return Double(try integer(index))
    }

    /// The elements of a list; of nothing none.
    func list(_ index: Int) throws(TemplateProblem) -> [JSONValue] {
        switch self[index].json {
        case .array(let elements): return elements
        case .null: return []
        default:
            throw TemplateProblem("argument \(index + 1) is a \(self[index].json.typeName), and must be a list")
        }
    }

    /// The fields of a map; of nothing none.
    func map(_ index: Int) throws(TemplateProblem) -> [String: JSONValue] {
        switch self[index].json {
        case .object(let fields): return fields
        case .null: return [:]
        default:
            throw TemplateProblem("argument \(index + 1) is a \(self[index].json.typeName), and must be a map")
        }
    }

    /// Says beforehand that a text of this size is to be made.
    mutating func spend(_ size: Int) throws(TemplateProblem) { try budget.spend(size) }
}

/// A function of templates.
struct TemplateFunction: Sendable {
    typealias Body = @Sendable (inout TemplateCall) throws(TemplateProblem) -> TemplateValue

    var minimum: Int
    var maximum: Int
    var body: Body

    init(_ arity: ClosedRange<Int>, _ body: @escaping Body) {
        (minimum, maximum) = (arity.lowerBound, arity.upperBound)
        self.body = body
    }

    init(_ count: Int, _ body: @escaping Body) { self.init(count...count, body) }

    /// For messages.
    var arity: String {
        if minimum == maximum { return "\(minimum)" }
        return maximum == Int.max ? "at least \(minimum)" : "\(minimum) to \(maximum)"
    }

    /// Any number of arguments from this one on.
    static func from(_ minimum: Int, _ body: @escaping Body) -> TemplateFunction {
        TemplateFunction(minimum...Int.max, body)
    }

    /// Of texts alone, to a text.
    static func texts(
        _ count: Int, _ body: @escaping @Sendable ([String]) -> String
    ) -> TemplateFunction {
        TemplateFunction(count) { call throws(TemplateProblem) in
            TemplateValue(body((0..<count).map { call.text($0) }))
        }
    }

    /// Of texts alone, to a verdict.
    static func verdict(
        _ count: Int, _ body: @escaping @Sendable ([String]) -> Bool
    ) -> TemplateFunction {
        TemplateFunction(count) { call throws(TemplateProblem) in
            TemplateValue(.bool(body((0..<count).map { call.text($0) })))
        }
    }
}

/// The functions there are.
enum TemplateFunctions {
    static let all: [String: TemplateFunction] = [
        language, logic, textual, collections, serialization, numeric, injection,
    ].reduce(into: [:]) { $0.merge($1) { _, new in new } }

    /// With those that the evaluation itself knows.
    static let names = Set(all.keys).union(["and", "or", "render"])
}
