import NIOCore

/// Cuts a stream of bytes into lines, wherever the chunks end.
///
/// Holds at most one unfinished line of `limit` bytes and the chunk last appended. Every byte is looked at once.
struct LineSplitter {
    /// A line is longer than allowed.
    struct TooLong: Error, Hashable {
        var limit: Int
    }

    private let limit: Int
    private var buffer = ByteBuffer()
    /// Bytes of `buffer` known to hold no line feed.
    private var scanned = 0

    init(limit: Int) { self.limit = limit }

    /// Bytes of memory that are held.
    var heldBytes: Int { buffer.capacity }

    /// Adds what arrived. Take all lines out before adding more.
    mutating func append(_ chunk: ByteBuffer) {
        if buffer.readableBytes == 0 {
            buffer = chunk
        } else {
            buffer.discardReadBytes()  // or a stream whose chunks never end with a line would grow without end
            var chunk = chunk
            buffer.writeBuffer(&chunk)
        }
    }

    /// The next whole line without its line feed; nil until more arrives.
    mutating func next() throws(TooLong) -> ByteBuffer? {
        let view = buffer.readableBytesView
        guard let lineFeed = view[view.startIndex.advanced(by: scanned)...].firstIndex(of: UInt8(ascii: "\n")) else {
            scanned = view.count
            guard scanned <= limit else { throw TooLong(limit: limit) }
            return nil
        }
        let length = lineFeed - view.startIndex
        guard length <= limit else { throw TooLong(limit: limit) }
        scanned = 0
        let line = buffer.readSlice(length: length)
        buffer.moveReaderIndex(forwardBy: 1)
        return line
    }

    /// What is left at the end of the stream: a line without line feed.
    mutating func rest() -> ByteBuffer? {
        guard buffer.readableBytes > 0 else { return nil }
        defer {
            buffer.clear()
            scanned = 0
        }
        return buffer
    }
}
