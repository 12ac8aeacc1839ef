/// What is counted of the connections of one series, by what Envoy's log of connections told.
package struct ConnectionTotals: Hashable, Sendable {
    /// Some of the four metrics of connections.
    package struct Counted: LogCounts {
        /// One bit of each metric.
        package let rawValue: UInt8

        /// The metrics of these bits.
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// How many connections were opened.
        package static let opened = Counted(rawValue: 1)
        /// How many were closed.
        package static let closed = Counted(rawValue: 2)
        /// How many bytes clients were sent.
        package static let sent = Counted(rawValue: 4)
        /// How many bytes clients sent.
        package static let received = Counted(rawValue: 8)

        /// What names of logs of connections begin with.
        package static let prefix = "connections/"
        /// What stands for each metric in such a name.
        package static let letters: [(Counted, Character)] = [
            (.opened, "o"), (.closed, "c"), (.sent, "s"), (.received, "r"),
        ]
    }

    /// As Envoy tells them (`MetricTags`).
    package var tags: [String: String]
    /// Which metrics have these tags.
    package var counted: Counted
    /// How many were opened.
    package var opened: UInt64 = 0
    /// How many were closed.
    package var closed: UInt64 = 0
    /// Bytes that clients were sent.
    package var sent: UInt64 = 0
    /// Bytes that clients sent.
    package var received: UInt64 = 0

    /// A series that has counted nothing.
    package init(tags: [String: String], counted: Counted) {
        self.tags = tags
        self.counted = counted
    }

    /// What is counted under one of the metrics' names.
    subscript(total: Counted) -> UInt64 {
        switch total {
        case .opened: opened
        case .closed: closed
        case .sent: sent
        default: received
        }
    }

    /// Names without `istio_`.
    static let metrics: [(Counted, String)] = [
        (.opened, "tcp_connections_opened_total"), (.closed, "tcp_connections_closed_total"),
        (.sent, "tcp_sent_bytes_total"), (.received, "tcp_received_bytes_total"),
    ]
}
