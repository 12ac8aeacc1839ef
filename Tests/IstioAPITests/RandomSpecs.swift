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

    /// A value that a schema allows; with `faults`, now and then one that it does not.
    mutating func value(of schema: Schema, faults: Bool) -> JSONValue {
        if faults, Int.random(in: 0..<20, using: &self) == 0 { return json(depth: 2) }
        switch schema.shape {
        case .string: return .string(text())
        case .enumeration(let values): return .string(values.randomElement(using: &self) ?? "")
        case .text: return "a"
        case .integer(let minimum, let maximum):
            return .integer(Int64.random(in: (minimum ?? -5)...(maximum ?? 70000), using: &self))
        case .number: return .double(Double.random(in: 0...1, using: &self))
        case .boolean: return .bool(Bool.random(using: &self))
        case .integerOrString: return Bool.random(using: &self) ? 3 : "30%"
        case .quantity: return Bool.random(using: &self) ? 2 : "1.5Gi"
        case .scalar: return Bool.random(using: &self) ? 1.5 : "x"
        case .freeform: return ["any": json(depth: 1)]
        case .anything: return json(depth: 1)
        case .list(let element):
            return .array((0..<Int.random(in: 0...2, using: &self)).map { _ in value(of: element, faults: faults) })
        case .map(let element):
            return ["a": value(of: element, faults: faults), "b.c": value(of: element, faults: faults)]
        case .object(let fields, _, _):
            var json = JSONValue.object([:])
            for field in fields where field.isRequired || Int.random(in: 0..<3, using: &self) == 0 {
                json[field.name] = value(of: field.schema, faults: faults)
            }
            if faults, Int.random(in: 0..<10, using: &self) == 0 { json[text()] = 1 }
            return json
        }
    }
}
