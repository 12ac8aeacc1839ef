/// One HTTP/1.1 request to something in this Pod, over a connection of its own.
package struct LocalHTTPRequest: Sendable {
    /// In capitals.
    package var method: String
    /// An address, or a name.
    package var host: String
    /// Of the host.
    package var port: Int
    /// Path and query, encoded.
    package var target: String
    /// Over TLS, whatever certificate the other side has: probes ask whether it answers, not who it is.
    package var isEncrypted = false
    /// Beside those that every request has; a `Host` here replaces the address.
    package var headers: [(name: String, value: String)] = []
    /// Empty: none.
    package var body: [UInt8] = []
    /// The address that the call is to come from; nil: any.
    package var source: String?
    /// For all of the answer.
    package var timeout: Duration = .seconds(5)
    /// Of the response's body; what follows is dropped.
    package var maximumBytes = 4 << 20

    /// - Parameter target: Path and query, encoded; the slash before them may be left out.
    package init(method: String = "GET", host: String, port: Int, target: String) {
        self.method = method
        self.host = host
        self.port = port
        self.target = target.hasPrefix("/") ? target : "/\(target)"
    }
}

/// What was answered.
package struct LocalHTTPResponse: Sendable {
    /// Such as 200.
    package var status: Int
    /// In their order; names as they came.
    package var headers: [(name: String, value: String)]
    /// As far as it was wanted.
    package var body: [UInt8]
    /// The body was longer.
    package var isTruncated = false

    /// An answer that has come as a whole.
    package init(status: Int, headers: [(name: String, value: String)], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first header of this name, whatever its case.
    package func header(_ name: String) -> String? {
        let name = name.lowercased()
        return headers.first { $0.name.lowercased() == name }?.value
    }
}

/// There was no answer.
package struct LocalHTTPError: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String

    /// What was asked, and what stopped it.
    package init(_ description: String) { self.description = description }
}
