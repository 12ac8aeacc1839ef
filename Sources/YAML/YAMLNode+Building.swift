extension YAMLNode {
    /// A string, whatever it looks like: `.string("8080")` is never the number.
    package static func string(_ text: String) -> YAMLNode {
        YAMLNode(.scalar(YAMLScalar(text: text, style: .doubleQuoted)))
    }

    /// A whole number.
    package static func integer(_ value: Int64) -> YAMLNode {
        YAMLNode(.scalar(YAMLScalar(text: String(value))))
    }

    /// A floating-point number, the not finite ones included.
    package static func double(_ value: Double) -> YAMLNode {
        YAMLNode(.scalar(YAMLScalar(text: plainText(of: value))))
    }

    /// `true` or `false`.
    package static func bool(_ value: Bool) -> YAMLNode {
        YAMLNode(.scalar(YAMLScalar(text: value ? "true" : "false")))
    }

    /// `null`.
    package static var null: YAMLNode {
        YAMLNode(.scalar(YAMLScalar(text: "null")))
    }

    /// A list.
    package static func sequence(_ items: [YAMLNode]) -> YAMLNode {
        YAMLNode(.sequence(items))
    }

    /// A map in the given order; the keys are taken as strings and must differ.
    package static func mapping(_ pairs: [(String, YAMLNode)]) -> YAMLNode {
        YAMLNode(.mapping(pairs.map { YAMLPair(key: .string($0.0), value: $0.1) }))
    }
}

extension YAMLNode {
    /// The value of `key` if this is a mapping that has it.
    package subscript(key: String) -> YAMLNode? {
        guard case .mapping(let pairs) = content else { return nil }
        return pairs.first { $0.key.scalar?.text == key }?.value
    }

    /// The scalar if this is one.
    package var scalar: YAMLScalar? {
        guard case .scalar(let scalar) = content else { return nil }
        return scalar
    }
}

/// A floating-point number as plain YAML text that resolves to the same number, never to an integer.
func plainText(of value: Double) -> String {
    if value.isNaN { return ".nan" }
    if value.isInfinite { return value < 0 ? "-.inf" : ".inf" }
    return value.description
}
