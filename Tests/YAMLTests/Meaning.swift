import YAML

/// A tree without marks and styles: what must survive writing and reading.
indirect enum Meaning: Equatable {
    case scalar(YAMLValue)
    /// Apart, because NaN differs from itself.
    case notANumber
    case list([Meaning])
    case map([Entry])

    struct Entry: Equatable {
        var key: String
        var value: Meaning
    }

    init(_ node: YAMLNode) {
        switch node.content {
        case .scalar(let scalar):
            if case .double(let value) = scalar.resolved, value.isNaN {
                self = .notANumber
            } else {
                self = .scalar(scalar.resolved)
            }
        case .sequence(let items): self = .list(items.map(Meaning.init))
        case .mapping(let pairs):
            self = .map(pairs.map { Entry(key: $0.key.scalar?.text ?? "not a scalar", value: Meaning($0.value)) })
        }
    }
}

/// The meaning of each document of a text.
func meanings(_ text: String, limits: YAMLLimits = .default) throws(YAMLError) -> [Meaning] {
    try yamlDocuments(text, limits: limits).map(Meaning.init)
}

extension Meaning: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    init(stringLiteral value: String) { self = .scalar(.string(value)) }
    init(integerLiteral value: Int64) { self = .scalar(.integer(value)) }
    init(arrayLiteral elements: Meaning...) { self = .list(elements) }
    init(dictionaryLiteral elements: (String, Meaning)...) {
        self = .map(elements.map { Entry(key: $0.0, value: $0.1) })
    }
}
