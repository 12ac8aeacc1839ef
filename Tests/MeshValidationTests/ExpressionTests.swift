import IstioAPI
import KubernetesModel
import Testing

@testable import MeshValidation

/// The part of the Common Expression Language that definitions' rules are written in.
@Suite struct ExpressionTests {
    @Test(arguments: [
        ("1 + 2 == 3 && !(2 < 1)", true), ("self.a == 1 ? true : false", true), ("has(self.a)", true),
        ("has(self.z)", false), ("has(self.m.x) && self.m.x == 'y'", true), ("self.l.size() == 3", true),
        ("size(self.t) == 5", true), ("self.l.all(e, e > 0)", true), ("self.l.exists(e, e == 2)", true),
        ("self.l.exists_one(e, e > 1)", false), ("self.m.all(k, k.contains('x'))", true), ("2 in self.l", true),
        ("'x' in self.m", true), ("self.t in ['', 'hello']", true), ("self.t.startsWith('he') || false", true),
        ("self.t.endsWith('lo')", true), ("self.t.substring(1, 3) == 'el'", true), ("self.t.matches('^h.*o$')", true),
        ("int('12') == 12", true), ("duration('1m') > duration('59s')", true),
        ("duration('1ms') >= duration('1ms')", true),
        ("url('https://a/b').getScheme() == 'https'", true), ("isURL('a b')", false), ("isURL('/x')", true),
        ("(has(self.z) ? self.z : {}).size() == 0", true), ("self.l[1] == 2", true), ("self.m['x'] == 'y'", true),
        ("-1 < 0", true), ("self.z == 1 || true", true), ("false && self.z == 1", false),
    ])
    func hasItsValue(_ text: String, _ value: Bool) throws {
        let expression = try #require(Expression(parsing: text))
        let object: JSONValue = ["a": 1, "t": "hello", "l": [1, 2, 3], "m": ["x": "y"]]
        #expect(try expression.verdict(["self": object]) == value)
    }

    @Test(arguments: [
        "self.z == 1", "self.t.size", "self.a.all(x, x)", "1", "self.t.substring(3, 99) == ''", "int('x') == 1",
    ])
    func mayHaveNone(_ text: String) throws {
        let expression = try #require(Expression(parsing: text))
        #expect(throws: NoValue.self) { try expression.verdict(["self": ["t": "hello", "a": 1]]) }
    }

    @Test(arguments: ["", "1 +", "a b", "has(x)", "[1, 2", "self.map(x, y", "#", "'open", "{'a': 1}", "x ? y"])
    func whatIsNotOfThisPartIsNotRead(_ text: String) {
        #expect(Expression(parsing: text) == nil)
    }

    @Test(
        arguments: [
            ("5s", 5), ("1h30m", 5400), ("-1.5s", -1.5), ("0", 0), ("1ms", 0.001), ("", nil), ("5", nil), ("s", nil),
            ("1x", nil),
        ] as [(String, Double?)])
    func readsDurations(_ text: String, _ seconds: Double?) { #expect(durationSeconds(text) == seconds) }

    /// A rule that nobody here understands would be one that only new API servers know.
    @Test(arguments: CustomResource.configuration.map(\.kind)) func everyRuleOfADefinitionIsUnderstood(_ kind: String) {
        let specs = CustomResource.configuration.filter { $0.kind == kind }.flatMap { $0.versions.map(\.spec) }
        for rule in specs.flatMap({ rules(of: $0) }) { #expect(isUnderstood(rule), "\(rule.expression)") }
    }

    private func rules(of schema: Schema) -> [SchemaRule] {
        switch schema.shape {
        case .object(let fields, _, _): schema.rules + fields.flatMap { rules(of: $0.schema) }
        case .map(let inner), .list(let inner): schema.rules + rules(of: inner)
        default: schema.rules
        }
    }
}
