import KubernetesModel

extension TemplateFunctions {
    /// Those of the language itself.
    static let language: [String: TemplateFunction] = [
        "not": TemplateFunction(1) { call throws(TemplateProblem) in TemplateValue(.bool(!call[0].isTrue)) },
        "len": TemplateFunction(1) { call throws(TemplateProblem) in
            switch call[0].json {
            case .string(let text): return TemplateValue(.integer(Int64(text.utf8.count)))
            case .array(let elements): return TemplateValue(.integer(Int64(elements.count)))
            case .object(let fields): return TemplateValue(.integer(Int64(fields.count)))
            case .null where call[0].nature == .structure: return TemplateValue(.integer(0))
            default: throw TemplateProblem("a \(call[0].json.typeName) has no length")
            }
        },
        "index": .from(1) { call throws(TemplateProblem) in
            var value = call[0]
            for key in call.arguments.dropFirst() { value = try value.element(key) }
            return value
        },
        "slice": TemplateFunction(1...3) { call throws(TemplateProblem) in try slice(call) },
        "print": .from(0) { call throws(TemplateProblem) in
            var result = ""
            for (index, value) in call.arguments.enumerated() {
                // Between two that are both no texts Go puts a blank.
                if index > 0, !value.isText, !call[index - 1].isText { result += " " }
                result += value.json.goText
                try call.spend(result.utf8.count)
            }
            return TemplateValue(result)
        },
        "println": .from(0) { call throws(TemplateProblem) in
            TemplateValue(call.arguments.map(\.json.goText).joined(separator: " ") + "\n")
        },
        "printf": .from(1) { call throws(TemplateProblem) in
            var formatting = GoFormatting(call.text(0), Array(call.arguments.dropFirst()), limit: call.budget.bytes)
            return TemplateValue(try formatting.formatted())
        },
        "eq": .from(2) { call throws(TemplateProblem) in
            for other in call.arguments.dropFirst() where try call[0].equals(other) {
                return TemplateValue(.bool(true))
            }
            return TemplateValue(.bool(false))
        },
        "ne": TemplateFunction(2) { call throws(TemplateProblem) in TemplateValue(.bool(try !call[0].equals(call[1])))
        },
        "lt": comparison { $0 < 0 }, "le": comparison { $0 <= 0 }, "gt": comparison { $0 > 0 },
        "ge": comparison { $0 >= 0 },
    ]

    private static func comparison(_ holds: @escaping @Sendable (Int) -> Bool) -> TemplateFunction {
        TemplateFunction(2) { call throws(TemplateProblem) in
            TemplateValue(.bool(holds(try call[0].order(to: call[1]))))
        }
    }

    private static func slice(_ call: TemplateCall) throws(TemplateProblem) -> TemplateValue {
        func bounds(_ count: Int) throws(TemplateProblem) -> Range<Int> {
            let from = call.arguments.count > 1 ? try call.integer(1) : 0
            let to = call.arguments.count > 2 ? try call.integer(2) : Int64(count)
            guard from >= 0, to <= Int64(count), from <= to else {
                throw TemplateProblem("\(from) to \(to) is outside of the \(count) elements there are")
            }
            return Int(from)..<Int(to)
        }
        switch call[0].json {
        case .string(let text):
            let bytes = Array(text.utf8)
            return TemplateValue(String(decoding: bytes[try bounds(bytes.count)], as: UTF8.self))
        case .array(let elements): return call[0].part(.array(Array(elements[try bounds(elements.count)])))
        default: throw TemplateProblem("a \(call[0].json.typeName) cannot be sliced")
        }
    }
}

extension TemplateValue {
    var isText: Bool { if case .string = json { true } else { false } }

    /// Whether two scalars are the same; what is missing in a structure is the zero of the other's type.
    func equals(_ other: TemplateValue) throws(TemplateProblem) -> Bool {
        switch (json, other.json) {
        case (.integer, .integer), (.double, .double), (.bool, .bool), (.string, .string), (.null, .null):
            return json == other.json
        case (.integer(let left), .double(let right)), (.double(let right), .integer(let left)):
            return Double(left) == right
        case (.null, _): return isMissing && nature == .structure && !other.isTrue
        case (_, .null): return other.isMissing && other.nature == .structure && !isTrue
        default:
            throw TemplateProblem("a \(json.typeName) cannot be compared to a \(other.json.typeName)")
        }
    }

    /// Below, at or above zero as this one comes before, with or after the other.
    func order(to other: TemplateValue) throws(TemplateProblem) -> Int {
        func order<Value: Comparable>(_ left: Value, _ right: Value) -> Int { left < right ? -1 : left > right ? 1 : 0 }
        switch (json, other.json) {
        case (.integer(let left), .integer(let right)): return order(left, right)
        case (.double(let left), .double(let right)): return order(left, right)
        case (.integer(let left), .double(let right)): return order(Double(left), right)
        case (.double(let left), .integer(let right)): return order(left, Double(right))
        case (.string(let left), .string(let right)):
            return left.utf8.elementsEqual(right.utf8)
                ? 0 : left.utf8.lexicographicallyPrecedes(right.utf8) ? -1 : 1
        default:
            throw TemplateProblem("a \(json.typeName) has no order to a \(other.json.typeName)")
        }
    }
}
