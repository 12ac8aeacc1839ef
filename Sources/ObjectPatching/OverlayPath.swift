internal import KubernetesModel

/// Why a patch of an overlay cannot be made.
package struct OverlayError: Error, Hashable {
    /// What was tried, and what stops it.
    package var message: String
}

/// Where in an object a patch applies.
///
/// ```
/// spec.template.spec.containers.[name:discovery].args.[:--domain.*]
/// field.field            fields of maps; a dot within a name is written `\.`
/// list.[key:value]       the element whose field `key` is `value`
/// list.[:expression]     the element that is a text in which the regular expression is found
/// list.[expression]      the same, where overlays have it and it is none of the others
/// list.[N]               the element at N, from 0; one past the last appends, and so does -1
/// ```
/// The dot before a bracket may be left out.
package struct OverlayPath: Hashable {
    /// One step down.
    package enum Step: Hashable {
        case field(String)
        case element(key: String, value: String)
        case match(String)
        case index(Int)
    }

    /// From the object down.
    package var steps: [Step]

    /// The path to a field of fields.
    package init(fields: [String]) { steps = fields.map(Step.field) }

    /// Reads a path as it is written.
    ///
    /// - Parameter isOfOverlay: Whether an expression may stand in brackets without a colon before it.
    package init(parsing text: String, isOfOverlay: Bool = false) throws(OverlayError) {
        steps = []
        for part in try OverlayPath.split(text) {
            steps.append(try OverlayPath.step(part, in: text, isOfOverlay: isOfOverlay))
        }
        if steps.isEmpty { throw OverlayError(message: "the path is empty") }
    }

    /// The parts between dots that are neither escaped nor in brackets. Brackets stay on their parts.
    private static func split(_ text: String) throws(OverlayError) -> [String] {
        var parts: [String] = []
        var part = ""
        var isEscaped = false
        var depth = 0
        func finish() {
            if !part.isEmpty { parts.append(part) }
            part = ""
        }
        for character in text {
            switch character {
            case _ where isEscaped:
                if character != "." { part.append("\\") }
                part.append(character)
                isEscaped = false
            case "\\": isEscaped = true
            case "[" where depth == 0:
                finish()
                part = "["
                depth = 1
            case "[":
                part.append(character)
                depth += 1
            case "]" where depth > 0:
                part.append(character)
                depth -= 1
                if depth == 0 { finish() }
            case "." where depth == 0: finish()
            default: part.append(character)
            }
        }
        if isEscaped { part.append("\\") }
        guard depth == 0 else { throw OverlayError(message: "\"\(text)\" has a [ without its ]") }
        finish()
        return parts
    }

    private static func step(
        _ part: String, in text: String, isOfOverlay: Bool
    ) throws(OverlayError) -> Step {
        guard part.hasPrefix("[") else { return .field(part) }
        let inner = part.dropFirst().dropLast()
        if let colon = inner.firstIndex(of: ":") {
            let key = inner[..<colon]
            let value = String(inner[inner.index(after: colon)...])
            if key.isEmpty { return .match(value) }
            if key.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }) {
                return .element(key: String(key), value: value)
            }
        } else if let index = Int(inner) {
            return .index(index)
        }
        if isOfOverlay, !inner.isEmpty { return .match(String(inner)) }
        throw OverlayError(
            message: "\"\(part)\" in \"\(text)\" is none of [key:value], [:expression], [N] and [-1]")
    }
}

extension OverlayPath {
    /// Whether Kubernetes takes nothing but a text there: an annotation or a label, a key of a ConfigMap, the value of
    /// a variable, an argument.
    var leadsToText: Bool {
        guard let last = steps.last else { return false }
        let parents = steps.dropLast()
        switch (last, parents.last) {
        case (.field("value"), _?): return parents.dropLast().last == .field("env")
        case (.field(let name), .field(let parent)?): return textMaps.contains(parent) || textLists.contains(name)
        case (.field(let name), _): return textLists.contains(name)
        case (_, .field(let parent)?): return textLists.contains(parent)
        default: return false
        }
    }
}

private let textMaps: Set = ["annotations", "binaryData", "data", "labels", "matchLabels", "nodeSelector"]
private let textLists: Set = ["args", "command"]

extension OverlayPath.Step: CustomStringConvertible {
    package var description: String {
        switch self {
        case .field(let name): name
        case .element(let key, let value): "[\(key):\(value)]"
        case .match(let expression): "[:\(expression)]"
        case .index(let index): "[\(index)]"
        }
    }
}
