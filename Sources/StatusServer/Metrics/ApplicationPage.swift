import AgentRuntime

/// A page of metrics as an application gave it.
struct ApplicationPage: Sendable {
    var page: [UInt8]
    var isOpenMetrics: Bool

    /// The most that a page has, packed or not.
    static let maximumBytes = 64 << 20

    /// Reads an answer. What is cut off, or packed in ways that nobody asked for, is none: its last number is another.
    init(_ response: LocalHTTPResponse) throws(LocalHTTPError) {
        guard response.status == 200 else { throw LocalHTTPError("was answered with status \(response.status)") }
        guard !response.isTruncated else { throw LocalHTTPError("has more than \(Self.maximumBytes) bytes") }
        let type = response.header("content-type")
        guard type?.lowercased().contains("protobuf") != true else {
            throw LocalHTTPError("was answered as \(type ?? ""), which was not asked for")
        }
        isOpenMetrics = ExpositionFormat.isOpenMetrics(type)
        switch (response.header("content-encoding") ?? "").lowercased() {
        case "", "identity": page = response.body
        case "gzip", "x-gzip": page = try Self.unpacked(response.body, limit: Self.maximumBytes)
        case let other: throw LocalHTTPError("was packed as \(other), which was not asked for")
        }
        // Without a length the end of the connection may be that of the page, or of the application.
        guard !isOpenMetrics || response.header("content-length") != nil || Self.hasEnd(page) else {
            throw LocalHTTPError("was cut off: it is OpenMetrics, and does not end with # EOF")
        }
    }

    private static func hasEnd(_ page: [UInt8]) -> Bool {
        var rest = page[...]
        while rest.last == UInt8(ascii: "\n") || rest.last == UInt8(ascii: "\r") { rest.removeLast() }
        return rest.elementsEqual("# EOF".utf8) || rest.suffix(6).elementsEqual("\n# EOF".utf8)
    }

    /// What gzip data holds.
    static func unpacked(_ packed: [UInt8], limit: Int) throws(LocalHTTPError) -> [UInt8] {
        guard let inflater = Inflater() else { throw LocalHTTPError("is packed, and zlib cannot be used") }
        var page: [UInt8] = []
        let isSound = try inflater.take(packed[...]) { part throws(LocalHTTPError) in
            guard page.count + part.count <= limit else { throw LocalHTTPError("has more than \(limit) bytes") }
            page += part
        }
        guard isSound, inflater.hasEnded else { throw LocalHTTPError("is packed, and broken") }
        return page
    }
}
