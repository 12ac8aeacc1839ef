import KubernetesModel

extension TemplateFunctions {
    /// Defaults, choices, types.
    static let logic: [String: TemplateFunction] = [
        "default": TemplateFunction(1...2) { call throws(TemplateProblem) in
            call.arguments.count > 1 && call[1].isTrue ? call[1] : call[0]
        },
        "empty": TemplateFunction(1) { call throws(TemplateProblem) in TemplateValue(.bool(!call[0].isTrue)) },
        "coalesce": .from(0) { call throws(TemplateProblem) in
            call.arguments.first(where: \.isTrue) ?? TemplateValue(.null)
        },
        "ternary": TemplateFunction(3) { call throws(TemplateProblem) in call[2].isTrue ? call[0] : call[1] },
        "all": .from(0) { call throws(TemplateProblem) in TemplateValue(.bool(call.arguments.allSatisfy(\.isTrue))) },
        "any": .from(0) { call throws(TemplateProblem) in TemplateValue(.bool(call.arguments.contains(where: \.isTrue)))
        },
        "fail": TemplateFunction(1) { call throws(TemplateProblem) in throw TemplateProblem(call.text(0)) },
        "required": TemplateFunction(2) { call throws(TemplateProblem) in
            guard !call[1].json.isNull, call[1].json != "" else { throw TemplateProblem(call.text(0)) }
            return call[1]
        },
        "kindOf": TemplateFunction(1) { call throws(TemplateProblem) in TemplateValue(kind(call[0].json)) },
        "kindIs": TemplateFunction(2) { call throws(TemplateProblem) in
            TemplateValue(.bool(call.text(0) == kind(call[1].json)))
        },
        "typeOf": TemplateFunction(1) { call throws(TemplateProblem) in TemplateValue(call[0].json.goTypeName) },
        "typeIs": TemplateFunction(2) { call throws(TemplateProblem) in
            TemplateValue(.bool(call.text(0) == call[1].json.goTypeName))
        },
        "deepEqual": TemplateFunction(2) { call throws(TemplateProblem) in
            TemplateValue(.bool(call[0].json == call[1].json))
        },
    ]

    /// What Go's reflection calls it.
    private static func kind(_ json: JSONValue) -> String {
        switch json {
        case .null: "invalid"
        case .bool: "bool"
        case .integer: "int"
        case .double: "float64"
        case .string: "string"
        case .array: "slice"
        case .object: "map"
        }
    }
}
