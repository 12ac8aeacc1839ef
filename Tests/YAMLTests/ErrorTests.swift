import Testing
import YAML

/// A text, where it goes wrong, and words of the message that help.
struct BadText: Sendable, CustomTestStringConvertible {
    var text: String
    var mark: YAMLMark
    var words: String

    init(_ text: String, _ line: Int, _ column: Int, _ words: String) {
        self.text = text
        mark = YAMLMark(line: line, column: column)
        self.words = words
    }

    var testDescription: String { text.debugDescription }
}

@Suite("Messages about texts that are wrong")
struct ErrorTests {
    static let syntax = [
        BadText("a:\n\tb: 1\n", 2, 1, "a tab cannot indent; use spaces"),
        BadText("a: |\n\tb\n", 2, 1, "a tab cannot indent"),
        BadText("a: b: c\n", 1, 5, "quote text that contains ': '"),
        BadText("a: 1\n b: 2\n", 2, 3, "check the indentation"),
        BadText("a:\n  b: 1\n c: 2\n", 3, 2, "a key was expected here, in the map that begins at line 1, column 1"),
        BadText("a: 1\n- b\n", 2, 1, "a key was expected"),
        BadText("- a\nb: 1\n", 2, 1, "'- ' was expected here, in the list that begins at line 1, column 1"),
        BadText("a: - b\n", 1, 4, "on a line of its own below the key"),
        BadText("a: ? b\n", 1, 4, "a '? ' key cannot begin here"),
        BadText("a: [1, 2\nb: 3\n", 2, 2, "',' or ']' was expected here, in the list opened at line 1, column 4"),
        BadText("a: {x: 1\nb: 3\n", 2, 2, "',' or '}' was expected here, in the map opened at line 1, column 4"),
        BadText("a: [\n", 2, 1, "the text ends where a value was expected"),
        BadText("a: ]\n", 1, 4, "a value was expected here"),
        BadText("a: \"abc\nb: 1\n", 3, 1, "the quoted value that begins at line 1, column 4"),
        BadText("a: \"x\n---\nb: 1\n", 2, 1, "within the quoted value that begins at line 1, column 4"),
        BadText("a: @foo\n", 1, 4, "a value cannot begin with '@'; put it in quotes"),
        BadText("a: `foo`\n", 1, 4, "cannot begin with '`'"),
        BadText("a: %foo\n", 1, 4, "cannot begin with '%'"),
        BadText("a: *\n", 1, 5, "quote text that begins with '*'"),
        BadText("a: &\n", 1, 5, "quote text that begins with '&'"),
        BadText("a: \"\\q\"\n", 1, 5, "this escape is not known"),
        BadText("a: \"\\xZZ\"\n", 1, 7, "hexadecimal"),
        BadText("a: \"\\uD800\"\n", 1, 7, "hexadecimal digits of a Unicode character"),
        BadText("a: |0\n b\n", 1, 5, "a digit from 1 to 9"),
        BadText("a: > b\n", 1, 6, "only a comment may follow"),
        BadText("a: !x!y z\n", 1, 4, "the prefix of this tag is not defined"),
        BadText("a: !<x 12\n", 1, 7, "not the right form of a tag"),
        BadText("%YAML 3.0\n---\na: 1\n", 1, 1, "use 1.1 or 1.2"),
        BadText("%FOO bar\n---\na: 1\n", 1, 5, "this directive is not one of"),
        BadText("%TAG !a! b\n%TAG !a! b\n--- a\n", 2, 1, "stands twice in one document"),
        BadText("a: b\n...\nfoo\nbar: 1\n", 3, 1, "begin the next one with '---'"),
        BadText("a: 'it's'\n", 1, 8, "check the indentation and quotes"),
        BadText("ok: 1\n---\nok: 2\n---\nb: @\n", 5, 4, "cannot begin with '@'"),
    ]

    static let meaning = [
        BadText("a: 1\nb: 2\na: 3\n", 3, 1, "the key 'a' stands twice in one map, on line 1 and on line 3"),
        BadText("- x: {'8080': 1, 8080: 2}\n", 1, 18, "'8080' stands twice in one map"),
        BadText(
            (0...20).map { "k\($0): 1\n" }.joined() + "k7: 2\n", 22, 1,
            "'k7' stands twice in one map, on line 8 and on line 22"),
        BadText("x: &x {a: 1}\ny:\n  <<: *x\n  b: 1\n  b: 2\n", 5, 3, "on line 4 and on line 5"),
        BadText("? [a]\n: 1\n", 1, 3, "a list or map cannot be a key"),
        BadText("name: {{ foo }}\n", 1, 8, "put it in quotes, as in '{{ name }}'"),
        BadText("a: &l [1]\n*l : 2\n", 2, 1, "a list or map cannot be a key"),
        BadText("~: a\n", 1, 1, "this key is empty or null"),
        BadText("a: 1\n? \n: b\n", 2, 2, "this key is empty or null"),
        BadText("{~: b}\n", 1, 2, "this key is empty or null"),
        BadText("a: *b\n", 1, 4, "the alias *b names no anchor"),
        BadText("a: &b 1\n---\nc: *b\n", 3, 4, "nothing before it in this document has &b"),
        BadText("a: &b [1, *b]\n", 1, 11, "the alias *b stands within the value it names"),
        BadText("a: &b\n  c: {d: *b}\n", 2, 10, "never end"),
        BadText("a: 1\n<<: 1\n", 2, 1, "'<<' takes a map or a list of maps"),
        BadText("b: &b [x]\na:\n  <<: *b\n", 3, 3, "'<<' takes a map or a list of maps"),
    ]

    @Test(arguments: syntax + meaning)
    func badText(_ bad: BadText) throws {
        let error = try #require(throws: YAMLError.self) { try yamlDocuments(bad.text) }
        #expect(error.mark == bad.mark)
        #expect(error.message.contains(bad.words))
        #expect(error.description == "line \(bad.mark.line), column \(bad.mark.column): \(error.message)")
    }

    @Test(
        "Bytes that are not UTF-8 text",
        arguments: [
            ([0x61, 0x3A, 0x20, 0xFF], 1, 4, "not valid UTF-8"),
            (Array("a: é\nb: ".utf8) + [0xC3, 0x28], 2, 5, "not valid UTF-8"),
            (Array("a: é".utf8) + [0xE2, 0x82], 1, 5, "not valid UTF-8"),
            ([0x61, 0xED, 0xA0, 0x80], 1, 2, "not valid UTF-8"), ([0x61, 0xC0, 0xAF], 1, 2, "not valid UTF-8"),
            (Array("a: 1\nb: \u{1B}[0m\n".utf8), 2, 4, "the control character U+001B is not allowed"),
            ([0xEF, 0xBB, 0xBF, 0x61, 0x00], 1, 2, "the control character U+0000"),
            ([0xFF, 0xFE, 0x61, 0x00], 1, 1, "the text is UTF-16; save it as UTF-8"),
            ([0xFE, 0xFF, 0x00, 0x61], 1, 1, "the text is UTF-16"),
        ] as [([UInt8], Int, Int, String)])
    func badBytes(bytes: [UInt8], line: Int, column: Int, words: String) throws {
        let error = try #require(throws: YAMLError.self) { try yamlDocuments(bytes) }
        #expect(error.mark == YAMLMark(line: line, column: column))
        #expect(error.message.contains(words))
    }
}
