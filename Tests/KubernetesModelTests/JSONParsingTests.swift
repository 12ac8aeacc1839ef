import KubernetesModel
import Testing

@Suite struct JSONParsingTests {
    @Test(
        arguments: [
            ("null", nil),
            (" true ", true),
            ("\t\r\nfalse", false),
            ("0", 0),
            ("-0", 0),
            ("12", 12),
            ("-9223372036854775808", .integer(.min)),
            ("9223372036854775807", .integer(.max)),
            ("9223372036854775808", .double(9_223_372_036_854_775_808)),
            ("1.5", 1.5),
            ("-2.5e-3", -0.0025),
            ("1E3", .double(1000)),
            ("1e-400", .double(0)),
            ("\"\"", ""),
            ("[]", []),
            ("{ }", [:]),
            ("[1 , [2], {\"a\":null}]", [1, [2], ["a": nil]]),
            ("{\"a\":1,\"b\":{\"c\":[true]}}", ["a": 1, "b": ["c": [true]]]),
            ("{\"a\":1,\"a\":2}", ["a": 2]),
        ] as [(String, JSONValue)])
    func readsValues(_ text: String, _ value: JSONValue) throws {
        #expect(try JSONValue(parsing: text) == value)
    }

    @Test(arguments: [
        (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
        (#""\u0041\u00e9\u00E9\u20ac\u0000""#, "A\u{E9}\u{E9}\u{20AC}\u{0}"),
        (#""\ud83d\ude00""#, "\u{1F600}"),
        (#""\uD83D\uDE00!""#, "\u{1F600}!"),
        (#""\ud83d""#, "\u{FFFD}"),
        (#""\ude00\ud83d""#, "\u{FFFD}\u{FFFD}"),
        (#""\ud83dx""#, "\u{FFFD}x"),
        (#""\ud83d\n""#, "\u{FFFD}\n"),
        (#""\ud83d\u0041""#, "\u{FFFD}A"),
        (#""\ud83d\ud83d\ude00""#, "\u{FFFD}\u{1F600}"),
        ("\"before \u{20AC} \\n after \u{1F600}\"", "before \u{20AC} \n after \u{1F600}"),
        ("\"\u{7F}\u{2028}\"", "\u{7F}\u{2028}"),
    ])
    func readsStrings(_ text: String, _ value: String) throws {
        #expect(Array(try JSONValue(parsing: text).string.map(\.utf8) ?? "none".utf8) == Array(value.utf8))
    }

    @Test(arguments: [
        ("", "the text ends where a value should be", 0),
        ("  ", "the text ends where a value should be", 2),
        ("nul", "unexpected character", 0),
        ("nulL", "unexpected character", 0),
        ("[truE]", "unexpected character", 1),
        ("\u{FEFF}1", "unexpected character", 0),
        ("NaN", "unexpected character", 0),
        ("+1", "unexpected character", 0),
        (".5", "unexpected character", 0),
        ("1 2", "text after the value", 2),
        ("{}}", "text after the value", 2),
        ("-", "a digit is missing", 1),
        ("1.", "a digit is missing", 2),
        ("1e", "a digit is missing", 2),
        ("1e+", "a digit is missing", 3),
        ("01", "a number starts with 0", 0),
        ("[-012]", "a number starts with 0", 2),
        ("1e400", "the number 1e400 is out of range", 0),
        ("[1,]", "unexpected character", 3),
        ("[1 2]", "',' or ']' is missing", 3),
        ("[1", "',' or ']' is missing", 2),
        ("[", "the text ends where a value should be", 1),
        ("{\"a\":1,}", "a key in double quotes is missing", 7),
        ("{a:1}", "a key in double quotes is missing", 1),
        ("{\"a\" 1}", "':' is missing after a key", 5),
        ("{\"a\":1 \"b\":2}", "',' or '}' is missing", 7),
        ("{\"a\"", "':' is missing after a key", 4),
        ("\"abc", "a string has no closing quote", 4),
        ("\"ab\\", "a string has no closing quote", 4),
        ("\"a\nb\"", "a control character in a string", 2),
        ("\"\\n\u{1}\"", "a control character in a string", 3),
        ("\"\\x\"", "an unknown escape in a string", 2),
        ("\"\\u12\"", "a \\u escape needs four hexadecimal digits", 3),
        ("\"\\u12", "a \\u escape needs four hexadecimal digits", 3),
        ("\"\\u00g0\"", "a \\u escape needs four hexadecimal digits", 5),
    ])
    func saysWhatIsWrongAndWhere(_ text: String, _ problem: String, _ offset: Int) {
        #expect(refusal(of: text) == "not JSON: \(problem) at byte \(offset)")
    }

    /// Stray continuation, overlong slash, surrogate, beyond U+10FFFF, cut off; each as it is and behind an escape.
    @Test(
        arguments: [[0x80], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82]] as [[UInt8]])
    func refusesWhatIsNotUTF8(_ bytes: [UInt8]) {
        for start in ["\"a", "\"\\n"] {
            let text = Array(start.utf8) + bytes + Array("\"".utf8)
            #expect { try JSONValue(parsing: text) } throws: { error in
                (error as? JSONSyntaxError)?.problem == "a string is not UTF-8"
            }
        }
    }

    @Test func readsAsDeepAsItSays() throws {
        func nested(_ depth: Int, _ open: String, _ close: String) -> String {
            String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
        }
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let deepest = try JSONValue(parsing: nested(200, open, close))
            #expect(deepest.jsonText == nested(200, open, close))
            #expect(
                refusal(of: nested(201, open, close))
                    == "not JSON: more than 200 levels of nesting at byte \(200 * open.utf8.count)")
        }
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: String(repeating: "[", count: 1_000_000)) }
        // Depth is how deep, not how many.
        #expect(
            try JSONValue(parsing: "[" + Array(repeating: "[]", count: 1000).joined(separator: ",") + "]").array?.count
                == 1000)
    }

    private func refusal(of text: String) -> String? {
        do {
            _ = try JSONValue(parsing: text)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func readsBytesThatDoNotLieTogether() throws {
        let chunks: [[UInt8]] = [Array("{\"a\":".utf8), Array("[1,2]}".utf8)]
        #expect(try JSONValue(parsing: AnyCollection(chunks.joined())) == ["a": [1, 2]])
    }
}
