import KubernetesModel

/// What Kubernetes makes of an `openAPIV3Schema`: whether it is structural, and whether it takes a value.
enum OpenAPI {
    static let types: Set<String> = ["object", "array", "string", "integer", "number", "boolean"]
    static let keywords: Set<String> = [
        "type", "description", "properties", "additionalProperties", "items", "required", "enum", "pattern", "format",
        "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties",
        "default", "nullable", "oneOf", "allOf", "x-kubernetes-preserve-unknown-fields", "x-kubernetes-int-or-string",
        "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-validations",
    ]

    /// The keywords that belong to a type alone.
    static let keywordsOfType: [String: Set<String>] = [
        "string": ["enum", "pattern", "minLength", "maxLength"],
        "array": ["minItems", "maxItems", "x-kubernetes-list-type", "x-kubernetes-list-map-keys"],
        "object": [
            "minProperties", "maxProperties", "oneOf", "allOf", "required", "properties", "additionalProperties",
        ],
    ]

    /// The rules of structural schemas that a schema breaks.
    static func violations(_ schema: JSONValue, at path: String = "") -> [String] {
        guard let fields = schema.object else { return ["\(path): is no schema"] }
        var found = Set(fields.keys).subtracting(keywords).map { "\(path): keyword \($0)" }
        let type = schema["type"]?.string
        let isAny = schema["x-kubernetes-preserve-unknown-fields"] == true
        let isIntOrString = schema["x-kubernetes-int-or-string"] == true
        if let type, !types.contains(type) { found.append("\(path): type \(type)") }
        if type == nil, !isAny, !isIntOrString { found.append("\(path): no type") }
        if type != nil, isIntOrString { found.append("\(path): type beside int-or-string") }
        if let type, isAny, type != "object" { found.append("\(path): unknown fields in \(type)") }
        if schema["properties"] != nil, schema["additionalProperties"] != nil {
            found.append("\(path): properties beside additionalProperties")
        }
        for (owner, keywords) in keywordsOfType where owner != type && !(type == nil && isAny) {
            found += keywords.intersection(fields.keys).sorted().map { "\(path): \($0) without type \(owner)" }
        }
        found += alternativeViolations(schema, at: path) + listViolations(schema, at: path)
        for rule in schema["x-kubernetes-validations"]?.array ?? [] {
            let texts = [rule["rule"], rule["message"]].compactMap { $0?.string }.filter { !$0.isEmpty }
            if texts.count != 2 { found.append("\(path): a rule without text or message") }
        }
        if (type == "array") != (schema["items"] != nil) { found.append("\(path): items if and only if an array") }
        for name in schema["required"]?.array ?? [] where schema["properties"]?[name.string ?? ""] == nil {
            found.append("\(path): required \(name) is not there")
        }
        for (name, child) in schema["properties"]?.object ?? [:] {
            found += violations(child, at: "\(path).\(name)")
        }
        for name in ["items", "additionalProperties"] {
            if let child = schema[name] { found += violations(child, at: "\(path).\(name)") }
        }
        return found
    }

    /// Below `oneOf`, `allOf`, `anyOf` and `not` there may be demands only, about fields that exist.
    private static func alternativeViolations(_ schema: JSONValue, at path: String) -> [String] {
        let names = Set((schema["properties"]?.object ?? [:]).keys)
        func violations(_ demand: JSONValue) -> [String] {
            guard let fields = demand.object, !fields.isEmpty else { return ["\(path): a demand without content"] }
            return fields.flatMap { keyword, value -> [String] in
                switch keyword {
                case "oneOf", "allOf", "anyOf": return (value.array ?? [.null]).flatMap(violations)
                case "not": return violations(value)
                case "required":
                    return (value.array ?? [.null]).filter { !names.contains($0.string ?? "") }.map {
                        "\(path): demands \($0), which is not there"
                    }
                default: return ["\(path): \(keyword) inside a demand"]
                }
            }
        }
        return ["oneOf", "allOf"].flatMap { (schema[$0]?.array ?? []).flatMap(violations) }
    }

    /// The keys of a list must be required of its elements.
    private static func listViolations(_ schema: JSONValue, at path: String) -> [String] {
        let keys = schema["x-kubernetes-list-map-keys"]?.array ?? []
        let required = schema["items", "required"]?.array ?? []
        guard (schema["x-kubernetes-list-type"] == "map") == !keys.isEmpty else { return ["\(path): keys of no map"] }
        return keys.filter { !required.contains($0) }.map { "\(path): key \($0) is not required" }
    }
}
