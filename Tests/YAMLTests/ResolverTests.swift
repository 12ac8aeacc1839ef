import Testing
import YAML

@Suite("What a scalar means")
struct ResolverTests {
    @Test(arguments: ["", "~", "null", "Null", "NULL"])
    func null(text: String) {
        #expect(YAMLScalar(text: text).resolved == .null)
    }

    @Test(arguments: ["true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"])
    func yes(text: String) {
        #expect(YAMLScalar(text: text).resolved == .bool(true))
    }

    @Test(arguments: ["false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"])
    func no(text: String) {
        #expect(YAMLScalar(text: text).resolved == .bool(false))
    }

    @Test(
        arguments: [
            ("0", 0), ("-0", 0), ("00", 0), ("12", 12), ("+12", 12), ("-12", -12),
            ("0644", 420), ("-017", -15), ("0o17", 15), ("0O17", 15), ("-0o17", -15),
            ("0x1F", 31), ("0X1f", 31), ("-0x1F", -31), ("0b101", 5), ("-0b101", -5), ("+0B11", 3),
            ("1_000", 1000), ("1__0", 10), ("1_", 1), ("-_1", -1), ("0x_1F", 31), ("0_7", 7), ("0_", 0),
            ("9223372036854775807", .max), ("-9223372036854775808", .min), ("0x7FFFFFFFFFFFFFFF", .max),
        ] as [(String, Int64)])
    func integer(text: String, value: Int64) {
        #expect(YAMLScalar(text: text).resolved == .integer(value))
    }

    @Test(
        arguments: [
            ("1.5", 1.5), ("-1.5", -1.5), ("+1.5", 1.5), ("1.10", 1.1), ("1.", 1), (".5", 0.5), ("-.5", -0.5),
            ("+.5", 0.5),
            ("1e3", 1000), ("1E3", 1000), ("1.5e+3", 1500), ("1e-400", 0), ("0e0", 0), ("0.", 0), ("07.5", 7.5),
            ("1_0.5", 10.5), ("1._5", 1.5), ("1e_5", 100_000), (".5e1_0", 5e9), ("-.5_0", -0.5),
            ("08", 8), ("09", 9), ("0899", 899),
            (".inf", .infinity), (".Inf", .infinity), (".INF", .infinity), ("+.inf", .infinity),
            ("-.inf", -.infinity), ("-.Inf", -.infinity), ("-.INF", -.infinity),
        ] as [(String, Double)])
    func double(text: String, value: Double) {
        #expect(YAMLScalar(text: text).resolved == .double(value))
    }

    @Test(arguments: [".nan", ".NaN", ".NAN"])
    func notANumber(text: String) throws {
        guard case .double(let value) = YAMLScalar(text: text).resolved else {
            Issue.record("\(text) is \(YAMLScalar(text: text).resolved)")
            return
        }
        #expect(value.isNaN)
    }

    @Test(
        "Everything else is a string, other YAML readers' times and base 60 included",
        arguments: [
            "a", "nginx", "y", "Y", "n", "N", "tRUE", "yEs", "oN", "nUll", "truely", "none", "nil", "=", "<<", "~a",
            "1:30", "190:20:30", "2026-01-02", "2026-01-02T03:04:05Z", "500m", "1Gi", "10.0.0.1", "1.2.3", "v1",
            "+", "-_", "+_", "--1", "++1", ".", "..", "._", "._5", ".5_", ".5__0", ".5_e1", ".e5", ".x", "1e", "9e+",
            "1.5.", "0x", "0x_", "0b", "0b_", "-0b", "0b12", "0b+1", "0o8", "0xG", "0x1.8p3", "1e400", "-1e400",
            "inf", "nan", "infinity", ".infinity", ".iNF", "+.nan", "-.nan", "é", "١",
            "9223372036854775808", "-9223372036854775809", "0x8000000000000000", "99999999999999999999999999",
        ])
    func string(text: String) {
        #expect(YAMLScalar(text: text).resolved == .string(text))
    }

    @Test(
        "Quotes and blocks make strings", arguments: YAMLScalar.Style.allCases, ["", "1", "true", "~", "1e3", ".inf"])
    func quoted(style: YAMLScalar.Style, text: String) {
        let value = YAMLScalar(text: text, style: style).resolved
        #expect((value == .string(text)) == (style != .plain))
    }

    @Test(
        arguments: [
            ("!!str 123", .string("123")), ("!!str", .string("")), ("!!str ~", .string("~")),
            ("!!int '12'", .integer(12)),
            ("!!int 0x1F", .integer(31)), ("!!float 1", .double(1)), ("!!float '1.5'", .double(1.5)),
            ("!!bool 'yes'", .bool(true)), ("!!bool off", .bool(false)), ("!!null ''", .null), ("!!null", .null),
            ("!!binary aGVsbG8=", .string("aGVsbG8=")), ("!local 12", .string("12")), ("! '12'", .string("12")),
            ("!<tag:yaml.org,2002:str> 12", .string("12")), ("!!timestamp 2026-01-02", .string("2026-01-02")),
        ] as [(String, YAMLValue)])
    func tagged(text: String, value: YAMLValue) throws {
        #expect(try yamlDocuments(text + "\n").first?.scalar?.resolved == value)
    }

    @Test(arguments: [
        "!!int x", "!!int 1.5", "!!int ''", "!!int 9223372036854775808", "!!float x", "!!bool 1", "!!bool y",
        "!!null x",
    ])
    func contradictedTag(text: String) throws {
        let error = try #require(throws: YAMLError.self) { try yamlDocuments("a: \(text)\n") }
        #expect(error.mark == YAMLMark(line: 1, column: 4))
        #expect(error.message.contains("is not a value of the tag"))
    }

    @Test("A scalar made by a program that contradicts its tag is a string")
    func contradictedTagOfProgram() {
        #expect(YAMLScalar(text: "x", tag: "!!int").resolved == .string("x"))
    }

    @Test("YAMLNode's builders mean what they say")
    func builders() {
        #expect(YAMLNode.string("8080").scalar?.resolved == .string("8080"))
        #expect(YAMLNode.integer(.min).scalar?.resolved == .integer(.min))
        #expect(YAMLNode.double(3).scalar?.resolved == .double(3))
        #expect(YAMLNode.double(1e300).scalar?.resolved == .double(1e300))
        #expect(YAMLNode.double(-.infinity).scalar?.resolved == .double(-.infinity))
        #expect(YAMLNode.bool(false).scalar?.resolved == .bool(false))
        #expect(YAMLNode.null.scalar?.resolved == .null)
        #expect(YAMLNode.mapping([("on", .null)])["on"] == .null)
    }
}
