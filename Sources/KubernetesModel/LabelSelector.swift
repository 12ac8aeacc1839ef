/// A `metav1.LabelSelector`: which labels it selects.
package struct LabelSelector: Hashable, Sendable {
    /// One requirement on one label.
    package enum Requirement: Hashable, Sendable {
        case `in`(String, [String])
        case notIn(String, [String])
        case exists(String)
        case doesNotExist(String)
    }

    /// All of them must hold. None selects everything.
    package var requirements: [Requirement]

    package init(matchLabels: [String: String] = [:], expressions: [Requirement] = []) {
        requirements = matchLabels.sorted { $0.key < $1.key }.map { .in($0.key, [$0.value]) } + expressions
    }

    /// Reads `matchLabels` and `matchExpressions`; nil if an operator is unknown, a value is no text, or the values
    /// that an operator needs are missing: a selector read by half would select too much.
    package init?(_ json: JSONValue) {
        var expressions: [Requirement] = []
        for expression in json["matchExpressions"]?.array ?? [] {
            guard let key = expression["key"]?.string else { return nil }
            let written = expression["values"]?.array ?? []
            let values = written.compactMap(\.string)
            guard values.count == written.count else { return nil }
            switch expression["operator"]?.string {
            case "In" where !values.isEmpty: expressions.append(.in(key, values))
            case "NotIn" where !values.isEmpty: expressions.append(.notIn(key, values))
            case "Exists": expressions.append(.exists(key))
            case "DoesNotExist": expressions.append(.doesNotExist(key))
            default: return nil
            }
        }
        let written = json["matchLabels"]?.object ?? [:]
        let labels = written.compactMapValues(\.string)
        guard labels.count == written.count else { return nil }
        self.init(matchLabels: labels, expressions: expressions)
    }

    /// Whether labels meet all requirements.
    package func selects(_ labels: [String: String]) -> Bool {
        requirements.allSatisfy { requirement in
            switch requirement {
            case .in(let key, let values): labels[key].map(values.contains) ?? false
            case .notIn(let key, let values): labels[key].map { !values.contains($0) } ?? true
            case .exists(let key): labels[key] != nil
            case .doesNotExist(let key): labels[key] == nil
            }
        }
    }

    /// As in the `labelSelector` query of a list or watch.
    package var query: String {
        requirements.map { requirement in
            switch requirement {
            case .in(let key, let values) where values.count == 1: "\(key)=\(values[0])"
            case .in(let key, let values): "\(key) in (\(values.joined(separator: ",")))"
            case .notIn(let key, let values): "\(key) notin (\(values.joined(separator: ",")))"
            case .exists(let key): key
            case .doesNotExist(let key): "!\(key)"
            }
        }.joined(separator: ",")
    }
}
