import NIOCore
import Testing

@testable import KubernetesClient

@Suite struct LineSplitterTests {
    private func lines(of chunks: [String], limit: Int = 1000) throws -> (lines: [String], rest: String?) {
        var splitter = LineSplitter(limit: limit)
        var lines: [String] = []
        for chunk in chunks {
            splitter.append(ByteBuffer(string: chunk))
            while let line = try splitter.next() { lines.append(String(buffer: line)) }
        }
        return (lines, splitter.rest().map { String(buffer: $0) })
    }

    /// However a stream is cut into chunks, its lines are the same.
    @Test func chunkBordersDoNotShow() throws {
        let text = "{\"type\":\"ADDED\"}\n\n{\"é\":1}\nlast without end"
        let bytes = Array(text.utf8)
        for size in 1...bytes.count {
            var splitter = LineSplitter(limit: 1000)
            var lines: [String] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                splitter.append(ByteBuffer(bytes: bytes[start..<min(start + size, bytes.count)]))
                while let line = try splitter.next() { lines.append(String(buffer: line)) }
            }
            #expect(lines == ["{\"type\":\"ADDED\"}", "", "{\"é\":1}"])
            #expect(splitter.rest().map { String(buffer: $0) } == "last without end")
        }
    }

    @Test func anEmptyStreamHasNoLines() throws {
        let (lines, rest) = try lines(of: [])
        #expect(lines.isEmpty)
        #expect(rest == nil)
    }

    @Test func manyLinesInOneChunk() throws {
        let (lines, rest) = try lines(of: [String(repeating: "x\n", count: 300)])
        #expect(lines == Array(repeating: "x", count: 300))
        #expect(rest == nil)
    }

    /// A stream whose chunks never end where a line does is held only as far as it is unfinished.
    @Test func whatIsTakenIsNotHeld() throws {
        var splitter = LineSplitter(limit: 1000)
        var count = 0
        splitter.append(ByteBuffer(string: "start"))
        for _ in 0..<10_000 {
            splitter.append(ByteBuffer(string: "end\n" + String(repeating: "x", count: 100)))
            while try splitter.next() != nil { count += 1 }
        }
        #expect(count == 10_000)
        #expect(splitter.heldBytes < 10_000)
    }

    @Test func aLineMayBeAsLongAsTheLimit() throws {
        #expect(try lines(of: ["12345", "67890", "\n"], limit: 10).lines == ["1234567890"])
    }

    @Test(arguments: [["12345678901\n"], ["123456", "78901"]])
    func aLongerLineIsRefusedEvenBeforeItEnds(chunks: [String]) {
        #expect(throws: LineSplitter.TooLong(limit: 10)) { try lines(of: chunks, limit: 10) }
    }
}
