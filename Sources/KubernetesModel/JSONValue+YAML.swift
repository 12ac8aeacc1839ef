package import YAML

extension JSONValue {
    /// A YAML node read as Kubernetes reads it: scalars by `YAMLScalar.resolved`, keys always as text.
    package init(_ node: YAMLNode) {
        switch node.content {
        case .scalar(let scalar):
            switch scalar.resolved {
            case .null: self = .null
            case .bool(let value): self = .bool(value)
            case .integer(let value): self = .integer(value)
            case .double(let value): self = .double(value)
            case .string(let value): self = .string(value)
            }
        case .sequence(let nodes): self = .array(nodes.map { JSONValue($0) })
        case .mapping(let pairs):
            var fields: [String: JSONValue] = [:]
            fields.reserveCapacity(pairs.count)
            for pair in pairs {
                if case .scalar(let key) = pair.key.content { fields[key.text] = JSONValue(pair.value) }
            }
            self = .object(fields)
        }
    }

    /// The documents of a YAML (or JSON) text.
    package static func documents(yaml text: String) throws(YAMLError) -> [JSONValue] {
        try yamlDocuments(text).map { JSONValue($0) }
    }
}

extension YAMLNode {
    /// A JSON value as YAML, maps in the order of their keys.
    package init(_ json: JSONValue) {
        switch json {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .integer(let value): self = .integer(value)
        case .double(let value): self = .double(value)
        case .string(let value): self = .string(value)
        case .array(let elements): self = .sequence(elements.map { YAMLNode($0) })
        case .object(let fields):
            self = .mapping(fields.sorted { $0.key < $1.key }.map { ($0.key, YAMLNode($0.value)) })
        }
    }
}
