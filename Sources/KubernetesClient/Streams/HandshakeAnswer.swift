import NIOCore

/// The answer to a handshake, as far as it has arrived.
struct HandshakeAnswer {
    /// It is not what HTTP/1.1 says, or endless.
    struct Malformed: Error, Hashable, CustomStringConvertible {
        var description: String
    }

    /// Status and headers.
    struct Head: Hashable {
        var status: Int
        /// In the order they came.
        var headers: [Header]

        /// The first value of a header; names are not case-sensitive.
        func value(of name: String) -> String? { headers.first { $0.name.lowercased() == name }?.value }
    }

    /// One header.
    struct Header: Hashable {
        var name: String
        var value: String
    }

    private static let limit = 1 << 16

    private var bytes = ByteBuffer()
    private var known: Head?

    /// What came after the head.
    var rest: ByteBuffer { bytes }

    mutating func append(_ chunk: ByteBuffer) {
        var chunk = chunk
        bytes.writeBuffer(&chunk)
    }

    /// Status and headers; nil until they are complete. Afterwards `rest` starts behind them.
    mutating func head() throws(Malformed) -> Head? {
        if let known { return known }
        let view = bytes.readableBytesView
        let end = view.indices.first { index in
            view[index] == UInt8(ascii: "\r") && view[index...].starts(with: [13, 10, 13, 10])
        }
        guard let end else {
            guard view.count < HandshakeAnswer.limit else { throw Malformed(description: "an endless answer") }
            return nil
        }
        let text = String(decoding: view[view.startIndex..<end], as: UTF8.self)
        bytes.moveReaderIndex(forwardBy: end - view.startIndex + 4)
        let lines = text.split(separator: "\r\n")
        let words = (lines.first ?? "").split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
            throw Malformed(description: "an answer that is not HTTP/1.1")
        }
        var head = Head(status: status, headers: [])
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = String(line[line.index(after: colon)...]).trimmingWhitespace
            head.headers.append(Header(name: String(line[..<colon]), value: value))
        }
        known = head
        return head
    }

    /// The body of a refusal; nil until it is complete.
    ///
    /// - Parameter isEnd: The connection has ended: there will be no more.
    func body(of head: Head, isEnd: Bool) throws(Malformed) -> [UInt8]? {
        let all = Array(bytes.readableBytesView)
        guard all.count < HandshakeAnswer.limit else { return Array(all.prefix(HandshakeAnswer.limit)) }
        if head.value(of: "transfer-encoding")?.lowercased() == "chunked" {
            let (content, isComplete) = HandshakeAnswer.dechunked(all)
            return isComplete || isEnd ? content : nil
        }
        if let length = head.value(of: "content-length").flatMap({ Int($0) }), length >= 0, all.count >= length {
            return Array(all.prefix(length))
        }
        return isEnd ? all : nil
    }

    /// The content of a chunked body, and whether its end is there.
    private static func dechunked(_ bytes: [UInt8]) -> (content: [UInt8], isComplete: Bool) {
        var content: [UInt8] = []
        var rest = bytes[...]
        while let lineFeed = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let digits = rest[..<lineFeed].prefix { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: ";") }
            guard let size = Int(String(decoding: digits, as: UTF8.self), radix: 16), size >= 0 else { break }
            if size == 0 { return (content, true) }
            rest = rest[(lineFeed + 1)...]
            content += rest.prefix(size)
            guard rest.count >= size + 2 else { break }
            rest = rest.dropFirst(size + 2)
        }
        return (content, false)
    }
}
