import Testing
import YAML

@Suite("Reading documents")
struct DocumentsTests {
    @Test func manifest() throws {
        let text = """
            # a comment
            apiVersion: v1
            kind: Service
            metadata: {name: reviews, labels: {app: "reviews"}}
            spec:
              ports:
              - port: 9080   # indented or not
                name: http
              - {port: 15014, targetPort: '15014'}
              script: |
                echo one
                  echo two
              folded: >-
                one
                line
            """
        #expect(
            try meanings(text) == [
                [
                    "apiVersion": "v1", "kind": "Service",
                    "metadata": ["name": "reviews", "labels": ["app": "reviews"]],
                    "spec": [
                        "ports": [["port": 9080, "name": "http"], ["port": 15014, "targetPort": "15014"]],
                        "script": "echo one\n  echo two\n", "folded": "one line",
                    ],
                ]
            ])
    }

    @Test("Documents without content are left out, an explicit null is not")
    func emptyDocuments() throws {
        #expect(try meanings("") == [])
        #expect(try meanings("# only a comment\n") == [])
        #expect(try meanings("---\n---\n# nothing\n---\na\n...\n---\n") == ["a"])
        #expect(try meanings("--- ~\n---\n''\n---\n{}\n---\n[]\n") == [.scalar(.null), "", [:], []])
    }

    @Test("Byte order mark, CRLF, directives, a tab between key and value")
    func encodings() throws {
        #expect(try meanings("\u{FEFF}a: 1\n") == [["a": 1]])
        #expect(try yamlDocuments("\u{FEFF}a: 1\n").first?.mark == YAMLMark(line: 1, column: 1))
        #expect(try meanings("a: 1\r\nb:\r\n- x\r\n") == [["a": 1, "b": ["x"]]])
        #expect(try meanings("a: |\r\n  x\r\n  y\r\n") == [["a": "x\ny\n"]])
        #expect(try meanings("%YAML 1.1\n---\na: 1\n...\n%YAML 1.2\n---\nb: 2\n") == [["a": 1], ["b": 2]])
        #expect(try meanings("%TAG !k! tag:yaml.org,2002:\n---\na: !k!str 1\n") == [["a": "1"]])
        #expect(try meanings("a:\t1\n") == [["a": 1]])
    }

    @Test("Strings, bytes and storage that is not contiguous read the same")
    func inputs() throws {
        let text = "a: [é, \"\\0\\u263A\"]\n"
        let expected: [Meaning] = [["a": ["é", "\0☺"]]]
        #expect(try meanings(text) == expected)
        #expect(try yamlDocuments(Array(text.utf8)).map(Meaning.init) == expected)
        #expect(try yamlDocuments(Array("xx\(text)".utf8)[2...]).map(Meaning.init) == expected)
        #expect(try yamlDocuments(text.utf8.reversed().reversed().lazy.map(\.self)).map(Meaning.init) == expected)
        #expect(try yamlDocuments([UInt8]()) == [])
    }

    @Test("Every node knows its line and column")
    func marks() throws {
        let root = try #require(try yamlDocuments("a: 1\nspec:\n  é: \"x\"\n  list:\n  - one\n  - {k: v}\n").first)
        let spec = try #require(root["spec"])
        #expect(root.mark == YAMLMark(line: 1, column: 1))
        #expect(root["a"]?.mark == YAMLMark(line: 1, column: 4))
        #expect(spec.mark == YAMLMark(line: 3, column: 3))
        #expect(spec["é"]?.mark == YAMLMark(line: 3, column: 6))
        guard case .sequence(let items)? = spec["list"]?.content else {
            Issue.record("list is no sequence")
            return
        }
        #expect(items.map(\.mark) == [YAMLMark(line: 5, column: 5), YAMLMark(line: 6, column: 5)])
        #expect(items[1]["k"]?.mark == YAMLMark(line: 6, column: 9))
    }

    @Test("Text, style and tag are kept as written")
    func scalarsAsWritten() throws {
        let root = try #require(
            try yamlDocuments("- 0644\n- '1'\n- \"2\"\n- |\n  3\n- >\n  4\n- !!str 5\n- !x 6\n").first)
        guard case .sequence(let items) = root.content else {
            Issue.record("no sequence")
            return
        }
        #expect(
            items.map(\.scalar) == [
                YAMLScalar(text: "0644"), YAMLScalar(text: "1", style: .singleQuoted),
                YAMLScalar(text: "2", style: .doubleQuoted), YAMLScalar(text: "3\n", style: .literal),
                YAMLScalar(text: "4\n", style: .folded), YAMLScalar(text: "5", tag: "!!str"),
                YAMLScalar(text: "6", tag: "!x"),
            ])
    }

    @Test("Keys are names by their text")
    func keys() throws {
        #expect(
            try meanings("on: a\n8080: b\n1.50: c\n'': d\n'<<': e\n? long\n: f\n")
                == [["on": "a", "8080": "b", "1.50": "c", "": "d", "<<": "e", "long": "f"]])
    }

    @Test("Aliases stand for the node of their anchor")
    func aliases() throws {
        #expect(
            try meanings("a: &x {k: [1]}\nb: *x\nc: [*x]\n") == [["a": ["k": [1]], "b": ["k": [1]], "c": [["k": [1]]]]])
        #expect(try meanings("&k key: *k\nlist: [*k]\n") == [["key": "key", "list": ["key"]]])
        #expect(try meanings("a: &k key\n*k : 1\n") == [["a": "key", "key": 1]])
        #expect(try meanings("a: &x 1\nb: &x 2\nc: *x\n") == [["a": 1, "b": 2, "c": 2]])
        #expect(try meanings("a: &x\nb: *x\n") == [["a": .scalar(.null), "b": .scalar(.null)]])
    }

    @Test("Merge keys: explicit keys win wherever they stand, then the earlier map")
    func mergeKeys() throws {
        let base = "x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\n"
        func merged(_ text: String) throws -> Meaning? {
            let root = try #require(try yamlDocuments(base + "z:\n" + text).first)
            return root["z"].map(Meaning.init)
        }
        #expect(try merged("  <<: *x\n  d: 3\n") == ["a": 1, "b": 1, "d": 3])
        #expect(try merged("  b: 3\n  <<: *x\n") == ["b": 3, "a": 1])
        #expect(try merged("  <<: *x\n  b: 3\n") == ["a": 1, "b": 3])
        #expect(try merged("  <<: [*x, *y]\n") == ["a": 1, "b": 1, "c": 2])
        #expect(try merged("  <<: [*y, *x, {e: 5}]\n") == ["b": 2, "c": 2, "a": 1, "e": 5])
        #expect(try merged("  <<: *y\n  <<: *x\n") == ["b": 2, "c": 2, "a": 1])
        #expect(try merged("  <<: {<<: *x, b: 9}\n") == ["a": 1, "b": 9])
        #expect(try merged("  '<<': *x\n") == ["<<": ["a": 1, "b": 1]])
        #expect(try merged("  !!merge <<: *x\n") == ["a": 1, "b": 1])
        #expect(try merged("  <<: []\n") == [:])
    }
}
