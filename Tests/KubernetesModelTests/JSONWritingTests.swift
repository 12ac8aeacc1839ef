import KubernetesModel
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
