import KubernetesModel
import MeshTesting
import Testing

@Suite struct JSONWritingTests {
    @Test(
        arguments: [
            (nil, "null"),
            (true, "true"),
            (-12, "-12"),
            (.integer(.min), "-9223372036854775808"),
            (0.5, "0.5"),
            (100.0, "100"),
            (.double(-0.0), "0"),
            (.double(.infinity), "null"),
            (.double(.nan), "null"),
            ("", "\"\""),
            ("a\"b\\c/d", #""a\"b\\c/d""#),
            ("\n\r\t\u{8}\u{0}\u{1F}\u{7F}", "\"\\n\\r\\t\\u0008\\u0000\\u001f\u{7F}\""),
            ("\u{E9}\u{1F600}\u{2028}", "\"\u{E9}\u{1F600}\u{2028}\""),
            ([], "[]"),
            ([:], "{}"),
            ([1, [nil], "x"], "[1,[null],\"x\"]"),
            (["b": 1, "a": ["d": [], "c": [:]]], #"{"a":{"c":{},"d":[]},"b":1}"#),
        ] as [(JSONValue, String)])
    func writes(_ value: JSONValue, _ text: String) {
        #expect(value.jsonText == text)
        #expect(value.description == text)
    }

    /// Byte by byte, as RFC 8259 has it: long runs between what is escaped, and none.
    @Test(arguments: 0..<20)
    func quotesEveryText(seed: Int) throws {
        func quoted(_ text: String) -> [UInt8] {
            var bytes: [UInt8] = [0x22]
            for byte in text.utf8 {
                switch byte {
                case 0x22, 0x5C: bytes += [0x5C, byte]
                case 0x0A: bytes += Array("\\n".utf8)
                case 0x0D: bytes += Array("\\r".utf8)
                case 0x09: bytes += Array("\\t".utf8)
                case 0..<0x10: bytes += Array("\\u000".utf8) + Array(String(byte, radix: 16).utf8)
                case 0..<0x20: bytes += Array("\\u00".utf8) + Array(String(byte, radix: 16).utf8)
                default: bytes.append(byte)
                }
            }
            return bytes + [0x22]
        }
        var generator = SeededGenerator(seed: UInt64(seed))
        let pieces = [
            "", "a", String(repeating: "x", count: 40), "\"", "\\", "\n", "\r", "\t", "\0", "\u{1F}", "\u{7F}",
            "\u{E9}",
            "\u{1F600}", "{\"a\":1}",
        ]
        for _ in 0..<200 {
            let count = Int.random(in: 0..<12, using: &generator)
            let text = (0..<count).compactMap { _ in pieces.randomElement(using: &generator) }.joined()
            #expect(JSONValue.string(text).jsonBytes == quoted(text))
            #expect(try JSONValue(parsing: JSONValue.string(text).jsonText) == .string(text))
        }
    }

    /// By bytes, not by the order of a language.
    @Test func sortsKeys() {
        let value: JSONValue = ["\u{E9}": 1, "z": 2, "Z": 3, "a.b": 4, "a": 5, "": 6, "\u{1F600}": 7, "\u{FFFD}": 8]
        #expect(
            value.jsonText
                == "{\"\":6,\"Z\":3,\"a\":5,\"a.b\":4,\"z\":2,\"\u{E9}\":1,\"\u{FFFD}\":8,\"\u{1F600}\":7}")
    }

    @Test func writesOverSeveralLines() {
        let value: JSONValue = ["list": [1, ["a": true]], "empty": ["list": [], "map": [:]]]
        #expect(
            value.prettyJSONText == """
                {
                  "empty": {
                    "list": [],
                    "map": {}
                  },
                  "list": [
                    1,
                    {
                      "a": true
                    }
                  ]
                }
                """)
    }
}
