/// What is counted of the connections of one series, by what Envoy's log of connections told.
package struct ConnectionTotals: Hashable, Sendable {
    /// Some of the four metrics of connections.
    package struct Counted: LogCounts {
        package let rawValue: UInt8

        package init(rawValue: UInt8) { self.rawValue = rawValue }

        package static let opened = Counted(rawValue: 1)
        package static let closed = Counted(rawValue: 2)
        package static let sent = Counted(rawValue: 4)
        package static let received = Counted(rawValue: 8)

        package static let prefix = "connections/"
        package static let letters: [(Counted, Character)] = [
            (.opened, "o"), (.closed, "c"), (.sent, "s"), (.received, "r"),
        ]
    }

    /// As Envoy tells them (`MetricTags`).
    package var tags: [String: String]
    /// Which metrics have these tags.
    package var counted: Counted
    package var opened: UInt64 = 0
    package var closed: UInt64 = 0
    package var sent: UInt64 = 0
    package var received: UInt64 = 0

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
