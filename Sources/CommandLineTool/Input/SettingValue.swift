import KubernetesModel
import ManifestRenderer
import ObjectPatching
import YAML

/// The value that a text on the command line stands for.
///
/// It is read as a YAML scalar: `true`, `5`, `"5"` (a string), `null`. Where the field takes text, it is text, and
/// so is a number that would not be written back the same (`1.10`). `{a,b}` and `[a, b]` are lists, `{"a": 1}` is a
/// map. A comma may be escaped as `\,`.
func settingValue(_ text: String, of schema: Schema?) -> JSONValue {
    switch text.first {
    case "{" where text.hasSuffix("}"):
        if let map = flowValue(text), map.object?.values.contains(where: { !$0.isNull }) == true { return map }
        let inner = String(text.dropFirst().dropLast())
        if inner.allSatisfy(\.isWhitespace) { return .array([]) }
        return .array(partsAtCommas(inner).map { scalar($0, of: schema?.element) })
    case "[" where text.hasSuffix("]"):
        if let list = flowValue(text) { return list }
    default: break
    }
    return scalar(text, of: schema)
}

private func flowValue(_ text: String) -> JSONValue? {
    guard let documents = try? JSONValue.documents(yaml: text), documents.count == 1 else { return nil }
    return documents.first
}

private func scalar(_ written: String, of schema: Schema?) -> JSONValue {
    let text = written.replacing("\\,", with: ",")
    if text.isEmpty { return "" }
    if text.first == "\"" || text.first == "'", case .string(let quoted)? = flowValue(text) { return .string(quoted) }
    let value = JSONValue(YAMLNode(.scalar(YAMLScalar(text: text))))
    if value.isNull { return .null }
    if schema?.isText == true { return .string(text) }
    switch value {
    case .integer, .double: return value.jsonText == text ? value : schema?.isNumber == true ? value : .string(text)
    case .bool: return text == value.jsonText || schema?.isBoolean == true ? value : .string(text)
    default: return value
    }
}

/// The parts between commas that are not escaped.
private func partsAtCommas(_ text: String) -> [String] {
    var parts = [""]
    var isEscaped = false
    for character in text {
        if character == ",", !isEscaped {
            parts.append("")
        } else {
            parts[parts.count - 1].append(character)
        }
        isEscaped = character == "\\" && !isEscaped
    }
    return parts.map { part in
        let start = part.drop(while: \.isWhitespace)
        return String(start.reversed().drop(while: \.isWhitespace).reversed())
    }
}

extension Schema {
    /// What the field at the end of a path may be; nil if nobody says.
    func schema(at steps: [OverlayPath.Step]) -> Schema? {
        steps.reduce(Optional(self)) { $0?.schema(of: $1) }
    }

    private func schema(of step: OverlayPath.Step) -> Schema? {
        switch (shape, step) {
        case (.object(let fields, _, _), .field(let name)): fields.first { $0.name == name }?.schema
        case (.map(let value), .field): value
        case (.list(let element), .index), (.list(let element), .element), (.list(let element), .match): element
        default: nil
        }
    }

    fileprivate var element: Schema? { if case .list(let element) = shape { element } else { nil } }

    /// Whether nothing but text is allowed.
    fileprivate var isText: Bool {
        switch shape {
        case .string, .text, .enumeration: true
        default: false
        }
    }

    fileprivate var isNumber: Bool {
        switch shape {
        case .integer, .number, .quantity, .integerOrString: true
        default: false
        }
    }

    fileprivate var isBoolean: Bool { if case .boolean = shape { true } else { false } }
}
