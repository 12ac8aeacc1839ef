import NIOCore
import Testing

@testable import KubernetesClient

@Suite struct HandshakeAnswerTests {
    private func answer(_ text: String) -> HandshakeAnswer {
        var answer = HandshakeAnswer()
        answer.append(ByteBuffer(string: text))
        return answer
    }

    @Test func theHeadIsReadOnceItIsWhole() throws {
        let text =
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol:  v4 \r\n\r\nframes"
        var answer = HandshakeAnswer()
        var seen: [Int] = []
        for byte in text.utf8 {
            answer.append(ByteBuffer(bytes: [byte]))
            if let head = try answer.head() { seen.append(head.status) }
        }
        #expect(seen == Array(repeating: 101, count: "frames".count + 1))
        #expect(try answer.head()?.value(of: "sec-websocket-protocol") == "v4")
        #expect(String(buffer: answer.rest) == "frames")
    }

    @Test func aBodyOfKnownLengthIsWholeWhenAllOfItIsThere() throws {
        var part = answer("HTTP/1.1 403 Forbidden\r\nContent-Length: 5\r\n\r\nhel")
        let head = try #require(try part.head())
        #expect(try part.body(of: head, isEnd: false) == nil)
        part.append(ByteBuffer(string: "lo, more"))
        #expect(try part.body(of: head, isEnd: false) == Array("hello".utf8))
    }

    @Test func aChunkedBodyIsJoined() throws {
        var part = answer("HTTP/1.1 500 Oops\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n")
        let head = try #require(try part.head())
        #expect(try part.body(of: head, isEnd: false) == nil)
        part.append(ByteBuffer(string: "0\r\n\r\n"))
        #expect(try part.body(of: head, isEnd: false) == Array("hello".utf8))
    }

    @Test func withoutALengthTheEndOfTheConnectionIsTheEnd() throws {
        var part = answer("HTTP/1.1 502 Bad Gateway\r\n\r\nnobody home")
        let head = try #require(try part.head())
        #expect(try part.body(of: head, isEnd: false) == nil)
        #expect(try part.body(of: head, isEnd: true) == Array("nobody home".utf8))
    }

    @Test(arguments: ["SSH-2.0-OpenSSH\r\n\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 abc\r\n\r\n"])
    func otherProtocolsAreRefused(text: String) {
        var answer = answer(text)
        #expect(throws: HandshakeAnswer.Malformed.self) { try answer.head() }
    }

    @Test func anEndlessHeadIsRefused() {
        var answer = answer("HTTP/1.1 200 OK\r\nX: " + String(repeating: "x", count: 70_000))
        #expect(throws: HandshakeAnswer.Malformed.self) { try answer.head() }
    }
}
