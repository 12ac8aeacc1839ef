import MeshTesting
import Testing
import YAML

/// Random trees with the strings that YAML writers get wrong.
private struct TreeGenerator {
    var random: SeededGenerator

    private static let atoms = [
        " ", "  ", "\n", "\n\n", "\t", "\r", "\r\n", ":", ": ", "- ", "#", " #", "'", "\"", "\\", "a", "word", "é", "😀",
        "\u{2028}", "\u{85}", "\u{FEFF}", "\0", "\u{1B}", "\u{7F}", "\u{FFFF}", "0", "1", "8", ".", "-", "?", "? ",
        "!", "&", "*", "%", "@", "`", "|", ">", "{", "}", "[", "]", ",", "~", "null", "true", "on", "y", "=", "<<",
        "1:30", "2026-01-02", "1e3", "0x1F", "---", "...", "_", "+", "e", ".inf",
    ]

    mutating func string() -> String {
        (0..<Int.random(in: 0...6, using: &random)).map { _ in Self.atoms.randomElement(using: &random) ?? "" }.joined()
    }

    mutating func scalar() -> YAMLNode {
        switch Int.random(in: 0..<10, using: &random) {
        case 0: return .null
        case 1: return .bool(.random(using: &random))
        case 2: return .integer(Int64(bitPattern: random.next()) >> Int64.random(in: 0...63, using: &random))
        case 3: return .double(Double(bitPattern: random.next()))
        default: return .string(string())
        }
    }

    mutating func node(depth: Int) -> YAMLNode {
        let size = Int.random(in: 0...4, using: &random)
        switch depth == 0 ? 0 : Int.random(in: 0..<3, using: &random) {
        case 0: return scalar()
        case 1: return .sequence((0..<size).map { _ in node(depth: depth - 1) })
        default:
            var pairs: [(String, YAMLNode)] = []
            for _ in 0..<size {
                let key = string()
                if !pairs.contains(where: { $0.0 == key }) { pairs.append((key, node(depth: depth - 1))) }
            }
            return .mapping(pairs)
        }
    }
}

@Suite("Properties over seeded random inputs", .timeLimit(.minutes(10)))
struct PropertyTests {
    @Test(
        "What is written reads as the same values, and is then written the same",
        arguments: 1...8 as ClosedRange<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var trees = TreeGenerator(random: SeededGenerator(seed: seed))
        for _ in 0..<250 {
            let documents = (0...Int.random(in: 0...2, using: &trees.random)).map { _ in trees.node(depth: 4) }
            let text = yamlText(documents: documents)
            let read: [YAMLNode]
            do {
                read = try yamlDocuments(text)
            } catch {
                Issue.record("\(error) in:\n\(text)")
                return
            }
            try #require(read.map(Meaning.init) == documents.map(Meaning.init), "\(text)")
            try #require(yamlText(documents: read) == text)
        }
    }

    /// Every construct of YAML in few words, as material for mutations.
    private static let corpus = [
        """
        apiVersion: v1
        kind: List
        items:
        - metadata: {name: a, labels: {app: "x\\n"}}
          data:
            k: |
              l1
              l2
        """,
        """
        x: &x {a: 1, b: [1, 2]}
        y: &y
          <<: *x
          c: 'it''s'
        z: [*x, *y, {<<: [*x, *y]}]
        """,
        """
        %YAML 1.1
        %TAG !k! tag:yaml.org,2002:
        ---
        !!map
        ? key
        : !k!str 12
        ? "q"
        : >-
          folded
          text

          more
        ...
        ---
        - - a
          - b
        - !x c
        """,
        """
        a: |2-
            b
           c

        # comment
        b: >+
          x

        c: "\\x41\\u263A\\U0001F600 \\
          y"
        d: [a, 'b', {c: d}, ]
        e: ~
        """, "é: 😀\r\nb:\r\n  - 0x1F\r\n  - 1e3\r\n  - 2026-01-02\r\n--- text\n--- ''\n",
    ].map { Array($0.utf8) }

    private static let pieces = [
        "\n", " ", "  ", "\t", ":", ": ", "- ", "? ", "&a ", "*a", "*x", "!", "!!int ", "'", "\"", "[", "]", "{", "}",
        ",", "|", ">", "#", " #", "%", "---\n", "...\n", "<<: ", "\\", "\u{FEFF}", "\u{85}", "@", "~", "0", "\r",
    ].map { Array($0.utf8) }

    @Test(
        "No mutated text crashes, hangs, or reads as what cannot be written and read again",
        arguments: 1...8 as ClosedRange<UInt64>)
    func mutations(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var understood = 0
        for round in 0..<1500 {
            var bytes = Self.corpus[round % Self.corpus.count]
            for _ in 0...Int.random(in: 0...4, using: &random) {
                let start = Int.random(in: 0...bytes.count, using: &random)
                let end = min(bytes.count, start + Int.random(in: 0...8, using: &random))
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes.removeSubrange(start..<end)
                case 1:
                    bytes.insert(contentsOf: bytes[start..<end], at: Int.random(in: 0...bytes.count, using: &random))
                case 2: bytes.insert(contentsOf: Self.pieces.randomElement(using: &random) ?? [], at: start)
                default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: start)
                }
            }
            let read: [YAMLNode]
            do throws(YAMLError) {
                read = try yamlDocuments(bytes)
            } catch {
                #expect(error.mark.line >= 1 && error.mark.line <= bytes.count + 1)
                #expect(error.mark.column >= 1 && error.mark.column <= bytes.count + 1)
                continue
            }
            let again = try yamlDocuments(yamlText(documents: read))
            try #require(again.map(Meaning.init) == read.map(Meaning.init), "\(bytes)")
            understood += 1
        }
        #expect(understood > 100, "the mutations hardly ever leave a valid text; the test has lost its point")
    }
}
