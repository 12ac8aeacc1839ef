package import XDSServer

/// What clients may cost together, and what each stream may.
package struct DiscoveryLimits: Hashable, Sendable {
    /// TCP connections; those beyond are closed at once.
    package var connections = 10_000
    /// A connection without a stream after so long is closed: it says nothing, or not what is understood. When a thousand
    /// proxies come at once, the last wait for tens of seconds until either side gets to them.
    package var firstStreamTimeout: Duration = .seconds(60)
    /// Streams; those beyond are refused.
    package var streams = 10_000
    /// Streams of one connection.
    package var streamsPerConnection = 16
    /// Bytes of a request.
    package var requestBytes = 4 << 20
    /// What each stream may cost. Of ``StreamLimits/maximumAge`` each stream gets its own, up to half as much longer.
    package var stream = StreamLimits()
    /// Clients may send keepalive pings this often, with and without streams.
    package var pingInterval: Duration = .seconds(5)
    /// After so long without a sign of a client it is asked for one.
    package var keepalive: Duration = .seconds(30)

    package init() {}
}
