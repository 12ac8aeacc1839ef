import KubernetesModel

extension OpenAPI {
    /// Whether the API server would take a value: it drops null from an object unless it is allowed there. Rules in the Common Expression Language are not looked at.
    static func accepts(_ value: JSONValue, by schema: JSONValue) -> Bool {
        if value.isNull, schema["nullable"] == true { return true }
        if schema["x-kubernetes-int-or-string"] == true {
            if case .string = value { return true }
            return value.integer != nil
        }
        guard meetsDemands(value, of: schema) else { return false }
        switch (schema["type"]?.string, value) {
        case (nil, _), ("boolean", .bool): return true
        case ("number", .integer(let number)): return isWithin(Double(number), schema)
        case ("number", .double(let number)): return isWithin(number, schema)
        case ("integer", _): return value.integer.map { isWithin(Double($0), schema) } ?? false
        case ("string", .string(let text)): return accepts(text, by: schema)
        case ("array", .array(let elements)):
            return isWithin(elements.count, schema, "Items")
                && elements.allSatisfy { accepts($0, by: schema["items"] ?? .null) }
        case ("object", .object(let fields)):
            let given = fields.filter { !$0.value.isNull }
            return isWithin(given.count, schema, "Properties")
                && given.allSatisfy { name, field in
                    (schema["properties"]?[name] ?? schema["additionalProperties"]).map { accepts(field, by: $0) }
                        ?? true
                }
        default: return false
        }
    }

    private static func accepts(_ text: String, by schema: JSONValue) -> Bool {
        if let pattern = schema["pattern"]?.string {
            guard let regex = try? Regex(pattern), text.firstMatch(of: regex) != nil else { return false }
        }
        return isWithin(text.unicodeScalars.count, schema, "Length")
            && schema["enum"]?.array?.contains(.string(text)) ?? true
    }

    private static func isWithin(_ number: Double, _ schema: JSONValue) -> Bool {
        number >= schema["minimum"]?.integer.map(Double.init) ?? -.infinity
            && number <= schema["maximum"]?.integer.map(Double.init) ?? .infinity
    }

    private static func isWithin(_ count: Int, _ schema: JSONValue, _ dimension: String) -> Bool {
        Int64(count) >= schema["min" + dimension]?.integer ?? 0
            && Int64(count) <= schema["max" + dimension]?.integer ?? .max
    }

    /// Whether the fields are there that `required`, `oneOf`, `allOf`, `anyOf` and `not` ask for.
    private static func meetsDemands(_ value: JSONValue, of schema: JSONValue) -> Bool {
        guard let fields = value.object else { return true }
        func holds(_ demand: JSONValue) -> Bool { meetsDemands(value, of: demand) }
        // A demand is met by null only where that is allowed; no field that one is about allows it.
        return (schema["required"]?.array ?? []).allSatisfy { !(fields[$0.string ?? ""] ?? .null).isNull }
            && (schema["oneOf"]?.array).map { $0.filter(holds).count == 1 } ?? true
            && (schema["anyOf"]?.array).map { $0.contains(where: holds) } ?? true
            && (schema["allOf"]?.array ?? []).allSatisfy(holds)
            && schema["not"].map { !holds($0) } ?? true
    }
}
