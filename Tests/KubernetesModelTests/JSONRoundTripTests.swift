import KubernetesModel
import MeshTesting
import Testing

@Suite struct JSONRoundTripTests {
    /// What is written is read back as it was; and equal values, however they came about, give equal bytes.
    @Test(arguments: 0..<40)
    func readsWhatItWrites(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<50 {
            let value = JSONValue.random(depth: 4, using: &generator)
            let bytes = value.jsonBytes
            let again = try JSONValue(parsing: bytes)
            #expect(again == value)
            #expect(again.hashValue == value.hashValue)
            #expect(again.jsonBytes == bytes)
            #expect(try JSONValue(parsing: value.prettyJSONText) == value)
        }
    }

    /// Damaged texts are read or refused, with an offset within the text; what is read can be written and read again.
    @Test(arguments: 0..<40)
    func survivesDamage(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed &+ 1000)
        let pieces = [
            "\\", "\"", "\\u", "\\ud800", "{", "}", "[", "]", ",", ":", "-", "1e", "0", ".", "\u{0}", "\u{E9}",
        ]
        for _ in 0..<100 {
            var bytes = JSONValue.random(depth: 4, using: &generator).jsonBytes
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let index = Int.random(in: 0...bytes.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0 where index < bytes.count: bytes[index] = UInt8.random(in: .min ... .max, using: &generator)
                case 1 where index < bytes.count: bytes.remove(at: index)
                case 2: bytes.removeLast(bytes.count - index)
                default: bytes.insert(contentsOf: (pieces.randomElement(using: &generator) ?? "").utf8, at: index)
                }
            }
            do {
                let value = try JSONValue(parsing: bytes)
                let once = try JSONValue(parsing: value.jsonBytes)
                #expect(once.jsonBytes == value.jsonBytes)
            } catch {
                #expect((0...bytes.count).contains(error.offset), "\(error) of \(bytes.count) bytes")
            }
        }
    }
}
