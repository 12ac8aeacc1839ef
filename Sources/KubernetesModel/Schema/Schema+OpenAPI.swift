extension Schema {
    /// This schema as `openAPIV3Schema` of `apiextensions.k8s.io/v1`: structural, without `$ref` or `anyOf`.
    package var openAPI: JSONValue {
        var json = JSONValue.object([:])
        if !description.isEmpty { json["description"] = .string(description) }
        if let defaultValue { json["default"] = defaultValue }
        if let format { json["format"] = .string(format) }
        for (name, value) in isOpaqueToServer ? Schema.freeform.keywords : keywords { json[name] = value }
        return json
    }

    private var keywords: [String: JSONValue] {
        switch shape {
        case .string: return ["type": "string"]
        case .enumeration(let values): return ["type": "string", "enum": JSONValue(values)]
        case .text(let rule): return rule.keywords
        case .integer(let minimum, let maximum):
            var keywords: [String: JSONValue] = ["type": "integer"]
            keywords["minimum"] = minimum.map(JSONValue.integer)
            keywords["maximum"] = maximum.map(JSONValue.integer)
            return keywords
        case .number: return ["type": "number"]
        case .boolean: return ["type": "boolean"]
        case .integerOrString: return ["x-kubernetes-int-or-string": true]
        case .quantity, .scalar, .anything: return ["x-kubernetes-preserve-unknown-fields": true]
        case .object(let fields, let unknown, _):
            var keywords: [String: JSONValue] = ["type": "object"]
            let properties = fields.map { ($0.name, $0.openAPI(isNullable: unknown == .reported && !$0.isRequired)) }
            keywords["properties"] = .object(Dictionary(properties, uniquingKeysWith: { first, _ in first }))
            let required = fields.filter(\.isRequired).map(\.name).sorted()
            if !required.isEmpty { keywords["required"] = JSONValue(required) }
            if unknown != .dropped { keywords["x-kubernetes-preserve-unknown-fields"] = true }
            return keywords
        case .map(let value): return ["type": "object", "additionalProperties": value.openAPI]
        case .list(let element): return ["type": "array", "items": element.openAPI]
        case .freeform: return ["type": "object", "x-kubernetes-preserve-unknown-fields": true]
        }
    }
}

extension Schema.Field {
    fileprivate func openAPI(isNullable: Bool) -> JSONValue {
        var json = schema.openAPI
        if isNullable { json["nullable"] = true }
        return json
    }
}

extension TextRule {
    fileprivate var keywords: [String: JSONValue] {
        var keywords: [String: JSONValue] = ["type": "string"]
        guard let pattern else { return keywords }
        keywords["pattern"] = .string(pattern)
        keywords["maxLength"] = maximumLength.map { .integer(Int64($0)) }
        return keywords
    }
}
