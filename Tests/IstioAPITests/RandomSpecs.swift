import KubernetesModel
import MeshTesting

extension SeededGenerator {
    /// Any JSON at all, at most `depth` deep.
    mutating func json(depth: Int = 4) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &self) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &self))
        case 2: return .integer(Int64.random(in: -3...70000, using: &self))
        case 3: return .double(Double.random(in: -1e6...1e6, using: &self))
        case 4, 5: return .string(text())
        case 6: return .array((0..<Int.random(in: 0...3, using: &self)).map { _ in json(depth: depth - 1) })
        default:
            let fields = (0..<Int.random(in: 0...4, using: &self)).map { _ in (text(), json(depth: depth - 1)) }
            return .object(Dictionary(fields, uniquingKeysWith: { first, _ in first }))
        }
    }

    mutating func text() -> String {
        let texts = ["", "a", "1", "true", "name", "hub", "a.b", "ä\u{0}\"\\", "x y", "profile", "-", "50%", "500m"]
        return texts.randomElement(using: &self) ?? ""
    }

    /// A text of a length that obeys a rule.
    private mutating func text(of length: ClosedRange<Int>?, _ isAllowed: (String) -> Bool) -> String {
        let texts = [
            "", "a", "1", "5s", "name", "a.b", "HTTP", "x-a", "10.0.0.1", "https://a.b/c", "ä\u{0}\"\\", "50%",
        ]
        let allowed = texts.filter { length?.contains($0.unicodeScalars.count) ?? true && isAllowed($0) }
        return allowed.randomElement(using: &self) ?? "a"
    }

    /// A value that a schema allows; with `faults`, now and then one that it does not.
    mutating func value(of schema: Schema, faults: Bool) -> JSONValue {
        if faults, Int.random(in: 0..<20, using: &self) == 0 { return json(depth: 2) }
        switch schema.shape {
        case .string: return .string(text(of: schema.limits.length) { _ in true })
        case .enumeration(let values): return .string(values.randomElement(using: &self) ?? "")
        case .text(let rule): return .string(text(of: schema.limits.length, rule.accepts))
        case .integer(let minimum, let maximum):
            return .integer(Int64.random(in: (minimum ?? -5)...(maximum ?? 70000), using: &self))
        case .number(let minimum, let maximum):
            let range = (minimum.map(Double.init) ?? -5)...(maximum.map(Double.init) ?? 5)
            return .double(Double.random(in: range, using: &self))
        case .boolean: return .bool(Bool.random(using: &self))
        case .integerOrString: return Bool.random(using: &self) ? 3 : "30%"
        case .quantity: return Bool.random(using: &self) ? 2 : "1.5Gi"
        case .scalar: return Bool.random(using: &self) ? 1.5 : "x"
        case .freeform: return ["any": json(depth: 1)]
        case .anything: return json(depth: 1)
        case .list(let element):
            let fewest = faults ? 0 : schema.limits.items?.lowerBound ?? 0
            return .array(
                (0..<Int.random(in: fewest...max(fewest, 2), using: &self)).map { _ in
                    value(of: element, faults: faults)
                })
        case .map(let element):
            return ["a": value(of: element, faults: faults), "b.c": value(of: element, faults: faults)]
        case .object(let fields, _, _):
            var json = JSONValue.object([:])
            for field in fields where field.isRequired || Int.random(in: 0..<3, using: &self) == 0 {
                json[field.name] = value(of: field.schema, faults: faults)
            }
            for set in schema.exclusiveFields where !faults {
                for name in set.filter({ json[$0] != nil }).dropFirst() { json[name] = nil }
            }
            if faults, Int.random(in: 0..<10, using: &self) == 0 { json[text()] = 1 }
            return json
        }
    }
}
