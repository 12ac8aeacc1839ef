/// A request as route handlers see it, complete and within the server's limits.
package struct HTTPRequestView: Sendable {
    /// The method, such as `GET`.
    package var method: String
    /// The path without the query, not decoded, such as `/debug/level`.
    package var path: String
    /// What follows `?`, not decoded; empty without one.
    package var query: String
    /// The headers in the order they came.
    package var headers: [(name: String, value: String)]
    /// The body; empty without one.
    package var body: [UInt8]
    /// The client's IP address; nil where it has none.
    package var remoteAddress: String?
    /// It came over TLS.
    package var isEncrypted = false

    /// A request from its parts; `target` is path and query as in the request line.
    package init(
        method: String, target: String, headers: [(name: String, value: String)] = [], body: [UInt8] = []
    ) {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        self.method = method
        self.path = parts.first.map(String.init) ?? ""
        self.query = parts.count > 1 ? String(parts[1]) : ""
        self.headers = headers
        self.body = body
    }

    /// It comes from this machine, or this Pod.
    package var isFromLoopback: Bool {
        guard let remoteAddress else { return false }
        let address = remoteAddress.hasPrefix("::ffff:") ? remoteAddress.dropFirst(7) : Substring(remoteAddress)
        return address == "::1" || (address.hasPrefix("127.") && address.split(separator: ".").count == 4)
    }

    /// The first header of this name, whatever its case.
    package func header(_ name: String) -> String? {
        let name = name.lowercased()
        return headers.first { $0.name.lowercased() == name }?.value
    }

    /// The value of the first query parameter of this name, decoded; empty for a bare name such as `?verbose`.
    package func queryValue(_ name: String) -> String? {
        for part in query.split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if let key = pair.first, percentDecoded(key) == name {
                return pair.count > 1 ? percentDecoded(pair[1]) : ""
            }
        }
        return nil
    }
}

/// What a route handler answers.
package struct HTTPReply: Hashable, Sendable {
    /// The status code, `200 ... 599`.
    package var status: Int
    /// The `Content-Type`.
    package var contentType: String
    /// The body, sent with its length; left out for `HEAD`.
    package var body: [UInt8]
    /// Further headers.
    package var headers: [Header] = []

    /// One header.
    package struct Header: Hashable, Sendable {
        /// Its name.
        package var name: String
        /// Its value.
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// A reply of bytes.
    package init(status: Int, contentType: String, body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    /// A reply of text.
    package static func text(
        _ text: String, status: Int = 200, contentType: String = "text/plain; charset=utf-8"
    ) -> HTTPReply {
        HTTPReply(status: status, contentType: contentType, body: Array(text.utf8))
    }
}

/// Undoes `%41` and `+`. Broken escapes stay as they are, bytes that are not UTF-8 become U+FFFD.
func percentDecoded(_ text: some StringProtocol) -> String {
    var octets: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let octet = rest.popFirst() {
        if octet == UInt8(ascii: "%"), rest.count >= 2, let high = hexValue(rest[rest.startIndex]),
            let low = hexValue(rest[rest.startIndex + 1])
        {
            octets.append(high << 4 | low)
            rest = rest.dropFirst(2)
        } else {
            octets.append(octet == UInt8(ascii: "+") ? UInt8(ascii: " ") : octet)
        }
    }
    return String(decoding: octets, as: UTF8.self)
}

private func hexValue(_ octet: UInt8) -> UInt8? {
    switch octet {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): octet - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): octet - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): octet - UInt8(ascii: "A") + 10
    default: nil
    }
}
