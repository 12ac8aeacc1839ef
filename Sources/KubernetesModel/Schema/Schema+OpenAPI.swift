/// How much of a schema the API server is told.
package enum SchemaDetail: Hashable, Sendable {
    /// Everything: it refuses what is wrong.
    case strict
    /// Everything but rules in the Common Expression Language, for servers before Kubernetes 1.25: server-side apply
    /// refuses what they do not know.
    case withoutRules
    /// Names and descriptions: whatever is written gets stored, and whoever reads it tells what is wrong.
    case names
}

extension Schema {
    /// This schema as `openAPIV3Schema` of `apiextensions.k8s.io/v1`: structural, without `$ref`.
    package var openAPI: JSONValue { openAPI(.strict) }

    /// This schema as `openAPIV3Schema` of `apiextensions.k8s.io/v1`, with as much detail as asked for.
    package func openAPI(_ detail: SchemaDetail) -> JSONValue {
        guard detail != .names else { return namesOnly }
        var json = JSONValue.object([:])
        if !description.isEmpty { json["description"] = .string(description) }
        if let defaultValue { json["default"] = defaultValue }
        if isNullable { json["nullable"] = true }
        if let format { json["format"] = .string(format) }
        for (name, value) in isOpaqueToServer ? Schema.freeform.keywords(detail) : keywords(detail) {
            json[name] = value
        }
        for (name, value) in limits.keywords { json[name] = value }
        if !exclusiveFields.isEmpty { exclude(in: &json) }
        if !listKeys.isEmpty {
            json["x-kubernetes-list-type"] = "map"
            json["x-kubernetes-list-map-keys"] = JSONValue(listKeys)
        }
        if !rules.isEmpty, detail == .strict {
            json["x-kubernetes-validations"] = .array(
                rules.map { ["rule": .string($0.expression), "message": .string($0.message)] })
        }
        return json
    }

    private func keywords(_ detail: SchemaDetail) -> [String: JSONValue] {
        switch shape {
        case .string: return ["type": "string"]
        case .enumeration(let values): return ["type": "string", "enum": JSONValue(values)]
        case .text(let rule): return rule.keywords
        case .integer(let minimum, let maximum):
            return Schema.keywords("integer", minimum, maximum)
        case .number(let minimum, let maximum): return Schema.keywords("number", minimum, maximum)
        case .boolean: return ["type": "boolean"]
        case .integerOrString: return ["x-kubernetes-int-or-string": true]
        case .quantity, .scalar, .anything: return ["x-kubernetes-preserve-unknown-fields": true]
        case .object(let fields, let unknown, _):
            var keywords: [String: JSONValue] = ["type": "object"]
            let properties = fields.map {
                ($0.name, $0.openAPI(detail, isNullable: unknown == .reported && !$0.isRequired))
            }
            keywords["properties"] = .object(Dictionary(properties, uniquingKeysWith: { first, _ in first }))
            let required = fields.filter(\.isRequired).map(\.name).sorted()
            if !required.isEmpty { keywords["required"] = JSONValue(required) }
            if unknown != .dropped { keywords["x-kubernetes-preserve-unknown-fields"] = true }
            return keywords
        case .map(let value): return ["type": "object", "additionalProperties": value.openAPI(detail)]
        case .list(let element): return ["type": "array", "items": element.openAPI(detail)]
        case .freeform: return ["type": "object", "x-kubernetes-preserve-unknown-fields": true]
        }
    }

    private static func keywords(_ type: String, _ minimum: Int64?, _ maximum: Int64?) -> [String: JSONValue] {
        var keywords: [String: JSONValue] = ["type": .string(type)]
        keywords["minimum"] = minimum.map(JSONValue.integer)
        keywords["maximum"] = maximum.map(JSONValue.integer)
        return keywords
    }

    /// Names of fields, and what each must be in words.
    private var namesOnly: JSONValue {
        var json: JSONValue = ["x-kubernetes-preserve-unknown-fields": true]
        let words = [description, "Must be \(allowed)."].filter { !$0.isEmpty }
        json["description"] = .string(words.joined(separator: " "))
        if case .object(let fields, _, _) = shape, !fields.isEmpty, !isOpaqueToServer {
            json["properties"] = .object(
                Dictionary(fields.map { ($0.name, $0.schema.namesOnly) }, uniquingKeysWith: { first, _ in first }))
        }
        return json
    }

    /// One set of exclusive fields stands at the value itself; of several, each in an `allOf` of its own.
    private func exclude(in json: inout JSONValue) {
        let alternatives = exclusiveFields.map { fields -> JSONValue in
            let given = fields.map { JSONValue.object(["required": [.string($0)]]) }
            return .array([["not": ["anyOf": .array(given)]]] + given)
        }
        if alternatives.count == 1 {
            json["oneOf"] = alternatives[0]
        } else {
            json["allOf"] = .array(alternatives.map { ["oneOf": $0] })
        }
    }
}

extension Schema.Field {
    fileprivate func openAPI(_ detail: SchemaDetail, isNullable: Bool) -> JSONValue {
        var json = schema.openAPI(detail)
        if isNullable { json["nullable"] = true }
        return json
    }
}

extension SchemaLimits {
    fileprivate var keywords: [String: JSONValue] {
        var keywords: [String: JSONValue] = [:]
        for (range, suffix) in [(length, "Length"), (items, "Items"), (properties, "Properties")] {
            guard let range else { continue }
            if range.lowerBound > 0 { keywords["min" + suffix] = .integer(Int64(range.lowerBound)) }
            if range.upperBound < .max { keywords["max" + suffix] = .integer(Int64(range.upperBound)) }
        }
        return keywords
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
