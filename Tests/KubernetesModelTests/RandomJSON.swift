import KubernetesModel
import MeshTesting

extension JSONValue {
    /// A random value, nested `depth` levels at most. Numbers without fraction are integers, as the writer makes them.
    static func random(depth: Int, using generator: inout SeededGenerator) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 5), using: &generator) {
        case 0: return .null
        case 1: return .bool(.random(using: &generator))
        case 2:
            return .integer(Int64(truncatingIfNeeded: generator.next()) >> Int64.random(in: 0..<64, using: &generator))
        case 3: return .double(randomFraction(using: &generator))
        case 4: return .string(randomText(using: &generator))
        case 5, 6:
            let count = Int.random(in: 0..<5, using: &generator)
            return .object(
                Dictionary(
                    (0..<count).map { _ in
                        (randomText(using: &generator), random(depth: depth - 1, using: &generator))
                    }, uniquingKeysWith: { $1 }))
        default:
            return .array(
                (0..<Int.random(in: 0..<5, using: &generator)).map { _ in random(depth: depth - 1, using: &generator) })
        }
    }

    /// A double that is no integer of a size that is written as one.
    private static func randomFraction(using generator: inout SeededGenerator) -> Double {
        while true {
            let value = Double(bitPattern: generator.next())
            if value.isFinite, Int64(exactly: value).map({ $0.magnitude >= 1 << 53 }) ?? true { return value }
        }
    }

    private static func randomText(using generator: inout SeededGenerator) -> String {
        let alphabet: [Unicode.Scalar] = [
            "a", "Z", "0", " ", "\"", "\\", "/", "\n", "\r", "\t", "\u{0}", "\u{1F}", "\u{7F}", "\u{E9}", "\u{20AC}",
            "\u{FFFD}", "\u{1F600}", "\u{2028}", ":", ",", "{", "]",
        ]
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0..<9, using: &generator) {
            text.append(alphabet.randomElement(using: &generator) ?? "a")
        }
        return String(text)
    }
}
