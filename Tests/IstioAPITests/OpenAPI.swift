import KubernetesModel

/// What Kubernetes makes of an `openAPIV3Schema`: whether it is structural, and whether it takes a value.
enum OpenAPI {
    static let types: Set<String> = ["object", "array", "string", "integer", "number", "boolean"]
    static let keywords: Set<String> = [
        "type", "description", "properties", "additionalProperties", "items", "required", "enum", "pattern", "format",
        "minimum", "maximum", "maxLength", "default", "nullable", "x-kubernetes-preserve-unknown-fields",
        "x-kubernetes-int-or-string",
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
        if type != "object", schema["properties"] ?? schema["additionalProperties"] ?? schema["required"] != nil {
            found.append("\(path): fields without type object")
        }
        if (type == "array") != (schema["items"] != nil) { found.append("\(path): items if and only if an array") }
        if type != "string", schema["enum"] ?? schema["pattern"] ?? schema["maxLength"] != nil {
            found.append("\(path): rules of strings")
        }
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

    /// Whether the API server would take a value.
    static func accepts(_ value: JSONValue, by schema: JSONValue) -> Bool {
        if schema["x-kubernetes-int-or-string"] == true {
            if case .string = value { return true }
            return value.integer != nil
        }
        switch (schema["type"]?.string, value) {
        case (nil, _), ("boolean", .bool), ("number", .integer), ("number", .double): return true
        case ("string", .string(let text)):
            return schema["enum"]?.array?.contains(.string(text)) ?? true
        case ("integer", _):
            guard let integer = value.integer else { return false }
            return integer >= schema["minimum"]?.integer ?? .min && integer <= schema["maximum"]?.integer ?? .max
        case ("array", .array(let elements)):
            return elements.allSatisfy { accepts($0, by: schema["items"] ?? .null) }
        case ("object", .object(let fields)):
            let required = (schema["required"]?.array ?? []).compactMap(\.string)
            guard required.allSatisfy({ !(fields[$0] ?? .null).isNull }) else { return false }
            if let values = schema["additionalProperties"] {
                return fields.values.allSatisfy { accepts($0, by: values) }
            }
            return fields.allSatisfy { name, field in
                guard let child = schema["properties"]?[name] else { return true }
                return field.isNull && child["nullable"] == true || accepts(field, by: child)
            }
        default: return false
        }
    }
}
