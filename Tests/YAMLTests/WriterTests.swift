import Testing
import YAML

@Suite("Writing")
struct WriterTests {
    @Test func manifest() {
        let node = YAMLNode.mapping([
            ("apiVersion", .string("v1")),
            (
                "metadata",
                .mapping([
                    ("name", .string("istiod")), ("labels", .mapping([])), ("finalizers", .sequence([])),
                    ("annotations", .mapping([("8080", .string("true")), ("on", .null)])),
                ])
            ),
            (
                "spec",
                .mapping([
                    ("replicas", .integer(2)), ("ratio", .double(1)), ("paused", .bool(false)),
                    (
                        "ports",
                        .sequence([
                            .mapping([("port", .integer(15010)), ("name", .string("grpc"))]),
                            .mapping([("ranges", .sequence([.integer(1), .sequence([.integer(2), .sequence([])])]))]),
                            .sequence([.sequence([.string("a")]), .mapping([("b", .string("c"))])]),
                            .mapping([]),
                        ])
                    ),
                    ("script", .string("if true; then\n  echo\nfi\n")),
                    ("args", .sequence([.string("--log"), .string("a\n\nb"), .string(" x\n\n\n")])),
                ])
            ),
        ])
        #expect(
            yamlText(node) == """
                apiVersion: v1
                metadata:
                  name: istiod
                  labels: {}
                  finalizers: []
                  annotations:
                    '8080': 'true'
                    'on': null
                spec:
                  replicas: 2
                  ratio: 1.0
                  paused: false
                  ports:
                  - port: 15010
                    name: grpc
                  - ranges:
                    - 1
                    - - 2
                      - []
                  - - - a
                    - b: c
                  - {}
                  script: |
                    if true; then
                      echo
                    fi
                  args:
                  - --log
                  - |-
                    a

                    b
                  - |2+
                     x



                """)
    }

    @Test(
        "Plain where every reader agrees",
        arguments: [
            "a", "nginx:1.27", "docker.io/istio/pilot:1.29", "500m", "1Gi", "10.0.0.1", "127.0.0.1:80", "1.2.3", "v1",
            "-c", "--flag=x", "a b", "it's", "a#b", "a:b", "http://x/y?z=1#f", "(x)", "/path", "~/x", "$HOME", "é",
            "日本", "😀", "a, b", "a]b", "=x", "<x", "yess", "nope", "x-{{ y }}", "\\d+", "a\"b", ".hidden", "..", "_x",
            "+x", "0x", "1:a", "2026-01",
        ])
    func plain(text: String) {
        #expect(yamlText(.string(text)) == text + "\n")
        #expect(yamlText(.mapping([(text, .string(text))])) == "\(text): \(text)\n")
    }

    @Test(
        "Single quotes where some reader would see something else",
        arguments: [
            "", " ", " a", "a ", "8080", "-1", "+1", "1.5", ".5", "1.", "1e3", "1E400", "0644", "0o17", "0x1F", "0b1",
            "08", "1_000", "99999999999999999999", "true", "True", "yes", "NO", "on", "Off", "y", "Y", "n", "N",
            "null", "~", "=", "<<", "1:30", "-1:30:00.5", "2026-01-02", "2026-1-2", "2026-01-02T03:04:05Z",
            ".inf", "-.INF", ".NaN",
            "- a", "-", "---", "--- a", "...", "? a", "?", ": a", ":", "a:", "a: b", "a #b", "#a", "&a", "*", "!a", "|",
            ">", "%a", "@a", "`a", "'a'", "\"a\"", "[a]", "{a}", "]", "}", ",a", "it's: a",
        ])
    func singleQuoted(text: String) {
        let quoted = "'" + text.replacing("'", with: "''") + "'"
        #expect(yamlText(.string(text)) == quoted + "\n")
        #expect(yamlText(.mapping([(text, .integer(1))])) == quoted + ": 1\n")
    }

    @Test(
        "Double quotes where escapes are needed",
        arguments: [
            ("\t", #""\t""#), ("a\r\n", #""a\r\n""#), ("\0", #""\x00""#), ("\u{7F}\u{85}", #""\x7F\x85""#),
            ("\u{2028}", #""\u2028""#), ("\u{FEFF}a", #""\uFEFFa""#), ("\u{FFFF}", #""\uFFFF""#),
            ("\u{1B}[0m", #""\x1B[0m""#), ("\n", #""\n""#), ("\n\n", #""\n\n""#),
            ("a \nb", #""a \nb""#), ("a\nb\t", #""a\nb\t""#),
            ("a\n \n", #""a\n \n""#), ("\"\\\n\u{1}", #""\"\\\n\x01""#),
        ])
    func doubleQuoted(text: String, expected: String) throws {
        #expect(yamlText(.string(text)) == expected + "\n")
        #expect(try meanings(expected) == [.scalar(.string(text))])
    }

    @Test(
        "Blocks for lines",
        arguments: [
            ("a\n", "|\n  a\n"), ("a\nb", "|-\n  a\n  b\n"), ("a\n\n", "|+\n  a\n\n"), (" a\n", "|2\n   a\n"),
            ("\na\n", "|\n\n  a\n"), ("\n a", "|2-\n\n   a\n"), ("\ta\n", "|2\n  \ta\n"),
            ("a\n\tb\n", "|\n  a\n  \tb\n"), ("# a\n---\n", "|\n  # a\n  ---\n"), ("- a: 'b'\n", "|\n  - a: 'b'\n"),
        ])
    func block(text: String, expected: String) throws {
        #expect(yamlText(.string(text)) == expected)
        #expect(yamlText(.sequence([.string(text)])) == "- " + expected)
        #expect(try meanings(yamlText(.mapping([("k", .string(text))]))) == [["k": .scalar(.string(text))]])
    }

    @Test("Keys are on one line, long ones after a question mark")
    func keys() throws {
        let long = String(repeating: "k", count: 2000)
        let node = YAMLNode.mapping([
            ("a\nb", .integer(1)), (long, .mapping([("x", .sequence([.integer(1)]))])),
            (long + "2", .sequence([.null])), (long + "3", .string("a\nb\n")),
        ])
        #expect(yamlText(node).hasPrefix("\"a\\nb\": 1\n? kkk"))
        #expect(try meanings(yamlText(node)) == [Meaning(node)])
    }

    @Test("Numbers are written in decimal whatever they were written as; tags are dropped, what they say is not")
    func scalarsByMeaning() throws {
        let read = try yamlDocuments("[0644, 0x1F, 1_000, 1e3, .Inf, !!str 12, !!int '3', !!float 1, Yes, ~]")
        #expect(
            yamlText(documents: read) == "- 420\n- 31\n- 1000\n- 1000.0\n- .inf\n- '12'\n- 3\n- 1.0\n- true\n- null\n")
    }

    @Test func documents() throws {
        let documents: [YAMLNode] = [
            .mapping([("a", .integer(1))]), .string("x\n\n"), .null, .sequence([]), .string(""),
        ]
        let text = yamlText(documents: documents)
        #expect(text == "a: 1\n---\n|+\n  x\n\n---\nnull\n---\n[]\n---\n''\n")
        #expect(try meanings(text) == documents.map(Meaning.init))
        #expect(yamlText(documents: []) == "")
    }
}
