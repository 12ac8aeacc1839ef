import NIOCore

/// What one server grants its clients.
package struct HTTPLimits: Hashable, Sendable {
    /// Open connections; one more is answered 503 and closed.
    package var connections = 128
    /// Bytes of a request's line and headers together; more is answered 431.
    package var headerBytes = 16 * 1024
    /// Bytes of a request's body; more is answered 413.
    package var bodyBytes = 16 * 1024
    /// How long a new connection may take to send its first request, a request to arrive, a reply to be taken.
    package var requestTime: Duration = .seconds(10)
    /// How long a connection may stay open between requests.
    package var idleTime: Duration = .seconds(90)
    /// How long shutdown waits for requests under way.
    package var drainTime: Duration = .seconds(5)

    /// The defaults: probes and scrapers need little.
    package init() {}
}

extension TimeAmount {
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
