import Testing
import YAML

@Suite("Limits", .timeLimit(.minutes(10)))
struct LimitsTests {
    /// Each level repeats the one before ten times: 10^9 nodes from 400 bytes.
    static let aliasBomb =
        "l0: &l0 x\n"
        + (1...9).map { level in
            "l\(level): &l\(level) [" + Array(repeating: "*l\(level - 1)", count: 10).joined(separator: ", ") + "]\n"
        }.joined()

    @Test func aliasesOfAliases() throws {
        let error = try #require(throws: YAMLError.self) { try yamlDocuments(Self.aliasBomb) }
        #expect(error.message.contains("repeat more than 250000 nodes"))
        #expect(error.mark.line == 7)
    }

    @Test("Documents share the limit of nodes repeated by aliases")
    func aliasesOverDocuments() throws {
        let limits = YAMLLimits(maxAliasedNodes: 5)
        let document = "a: &a [1]\nb: *a\n---\n"
        #expect(try yamlDocuments(document + document, limits: limits).count == 2)
        let error = try #require(throws: YAMLError.self) {
            try yamlDocuments(document + document + document, limits: limits)
        }
        #expect(error.mark == YAMLMark(line: 8, column: 4))
    }

    @Test func nodes() throws {
        let text = "a: [1, 2]\nb: 3\n"  // a map with two keys, a list, three numbers
        #expect(try yamlDocuments(text, limits: YAMLLimits(maxNodes: 7)).count == 1)
        let error = try #require(throws: YAMLError.self) { try yamlDocuments(text, limits: YAMLLimits(maxNodes: 6)) }
        #expect(error.message.contains("more than 6 nodes"))
        #expect(error.mark == YAMLMark(line: 2, column: 4))
    }

    @Test func bytes() throws {
        #expect(try yamlDocuments("a: 1\n", limits: YAMLLimits(maxBytes: 5)).count == 1)
        let error = try #require(throws: YAMLError.self) {
            try yamlDocuments("a: 12\n", limits: YAMLLimits(maxBytes: 5))
        }
        #expect(error.message.contains("6 bytes, more than the limit of 5"))
    }

    @Test("Deep nesting is an error in flow and block style", arguments: ["[", "{a: ", "- ", "- a:\n  "])
    func depth(opening: String) throws {
        var text = ""
        for level in 0..<5000 {
            text += opening.replacing("\n", with: "\n" + String(repeating: "  ", count: level))
        }
        let error = try #require(throws: YAMLError.self) { try yamlDocuments(text) }
        #expect(error.message.contains("nested more than 200 levels"))
    }

    @Test("Long runs of openings end at once", arguments: ["[", "{", "- ", "? ", "&a ", "!x ", "[{", "'", "%"])
    func openings(opening: String) {
        #expect(throws: YAMLError.self) { try yamlDocuments(String(repeating: opening, count: 300_001)) }
    }

    @Test("Directives that libyaml would compare all with all", arguments: ["\n", "\r", "\u{85}", "\u{2028}"])
    func tagDirectives(lineBreak: String) throws {
        func directives(_ count: Int) -> String {
            (0..<count).map { "%TAG !a\($0)! x\(lineBreak)" }.joined() + "--- !a0!b c\n"
        }
        #expect(try yamlDocuments(directives(1000)).first?.scalar?.tag == "xb")
        let error = try #require(throws: YAMLError.self) { try yamlDocuments(directives(2000)) }
        #expect(error.message.contains("more than 1000 %TAG directives"))
    }

    @Test func depthIsExact() throws {
        func nested(_ levels: Int) -> String {
            String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
        }
        #expect(try yamlDocuments(nested(200)).count == 1)
        let error = try #require(throws: YAMLError.self) { try yamlDocuments(nested(201)) }
        #expect(error.mark == YAMLMark(line: 1, column: 201))
    }

    @Test("An alias brings in the depth of what it names")
    func depthThroughAliases() throws {
        let limits = YAMLLimits(maxDepth: 4)
        #expect(try yamlDocuments("a: &a [[x]]\nb: [*a]\n", limits: limits).count == 1)
        let error = try #require(throws: YAMLError.self) {
            try yamlDocuments("a: &a [[x]]\nb: [[*a]]\n", limits: limits)
        }
        #expect(error.mark == YAMLMark(line: 2, column: 6))
    }
}
