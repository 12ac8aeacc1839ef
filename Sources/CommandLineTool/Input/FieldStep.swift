import KubernetesModel

/// One step of a field path: `spec.components.ingressGateways[0]` has four.
enum FieldStep: Hashable {
    case field(String)
    case index(Int)

    /// The steps of a path as `FieldPath` writes it; empty for the object itself. What cannot be a path ends it.
    static func steps(_ path: String) -> [FieldStep] {
        var steps: [FieldStep] = []
        var rest = path[...]
        while let first = rest.first {
            switch first {
            case ".": rest = rest.dropFirst()
            case "[":
                guard let (step, after) = bracket(rest) else { return steps }
                steps.append(step)
                rest = after
            default:
                let name = rest.prefix { $0 != "." && $0 != "[" }
                steps.append(.field(String(name)))
                rest = rest.dropFirst(name.count)
            }
        }
        return steps
    }

    /// The step in brackets that a text begins with, and what comes after it.
    private static func bracket(_ text: Substring) -> (FieldStep, Substring)? {
        let inner = text.dropFirst()
        guard inner.first == "\"" else {
            guard let end = inner.firstIndex(of: "]"), let index = Int(inner[..<end]) else { return nil }
            return (.index(index), inner[inner.index(after: end)...])
        }
        var isEscaped = false
        for position in inner.indices.dropFirst() {
            switch inner[position] {
            case _ where isEscaped: isEscaped = false
            case "\\": isEscaped = true
            case "\"":
                let after = inner.index(after: position)
                guard after < inner.endIndex, inner[after] == "]",
                    let name = try? JSONValue(parsing: String(inner[...position])).string
                else { return nil }
                return (.field(name), inner[inner.index(after: after)...])
            default: break
            }
        }
        return nil
    }
}
