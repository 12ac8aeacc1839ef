import KubernetesModel

/// How two OpenAPI schemas differ in what they allow; descriptions and the words of messages do not count.
enum SchemaComparison {
    /// One line for each difference.
    static func differences(_ ours: JSONValue, _ theirs: JSONValue, at path: String) -> [String] {
        let (left, right) = (facts(ours), facts(theirs))
        var found = Set(left.keys).union(right.keys).sorted().filter { left[$0] != right[$0] }.map {
            "\(path): \($0) is \(left[$0] ?? "not there"), should be \(right[$0] ?? "not there")"
        }
        let (fields, others) = (children(ours), children(theirs))
        for name in Set(fields.keys).union(others.keys).sorted() {
            switch (fields[name], others[name]) {
            case (let field?, let other?): found += differences(field, other, at: path + name)
            case (nil, _): found.append("\(path)\(name): is missing")
            case (_, nil): found.append("\(path)\(name): is ours alone")
            }
        }
        return found
    }

    private static func children(_ schema: JSONValue) -> [String: JSONValue] {
        var children: [String: JSONValue] = [:]
        for (name, child) in schema["properties"]?.object ?? [:] { children[".\(name)"] = child }
        if let element = schema["items"] { children["[]"] = element }
        if let value = schema["additionalProperties"] { children["{}"] = value }
        return children
    }

    /// Everything that a schema says of a value itself, in a form that can be compared.
    private static func facts(_ schema: JSONValue) -> [String: String] {
        var facts: [String: String] = [:]
        for (keyword, value) in schema.object ?? [:] {
            switch keyword {
            case "description", "properties", "items", "additionalProperties": break
            case "anyOf" where schema["x-kubernetes-int-or-string"] == true: break
            case "required", "enum": facts[keyword] = sorted(value)
            // A single field, given or not: that says nothing.
            case "oneOf" where (value.array ?? []).count <= 2: break
            case "oneOf": facts["exclusive"] = alternatives(value)
            case "allOf":
                facts["exclusive"] = (value.array ?? []).map { alternatives($0["oneOf"] ?? .null) }.sorted()
                    .joined(separator: "; ")
            case "x-kubernetes-validations":
                facts["rules"] = (value.array ?? []).map { rule($0["rule"]?.string ?? "") }.sorted()
                    .joined(separator: "; ")
            default: facts[keyword] = value.jsonText
            }
        }
        return facts
    }

    private static func alternatives(_ oneOf: JSONValue) -> String {
        (oneOf.array ?? []).map { $0["not"].map { "none of " + alternatives($0["anyOf"] ?? .null) } ?? $0.jsonText }
            .sorted().joined(separator: ", ")
    }

    /// A rule without white space, and with the words of its lists in alphabetical order.
    private static func rule(_ expression: String) -> String {
        expression.filter { !$0.isWhitespace }.replacing(/\[("[^\]]*)\]/) { list in
            "[" + list.1.split(separator: ",").sorted().joined(separator: ",") + "]"
        }
    }

    private static func sorted(_ list: JSONValue) -> String {
        (list.array ?? []).map(\.jsonText).sorted().joined(separator: ", ")
    }
}
