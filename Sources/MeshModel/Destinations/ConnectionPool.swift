/// How many connections and requests there may be, and for how long. What is nil is not limited, or left to the proxy.
package struct ConnectionPool: Hashable, Sendable {
    /// Whether HTTP/1.1 is passed on as HTTP/2.
    package enum Upgrade: Hashable, Sendable {
        case never
        case always
    }

    package var maxConnections: Int?
    package var connectTimeout: Duration?
    package var keepalive: TCPKeepalive?
    package var maxConnectionDuration: Duration?
    /// Of connections that carry no HTTP, and of all where HTTP says nothing else.
    package var tcpIdleTimeout: Duration?

    package var maxPendingRequests: Int?
    package var maxRequests: Int?
    package var maxRequestsPerConnection: Int?
    package var maxRetries: Int?
    package var httpIdleTimeout: Duration?
    /// Nil: as the mesh is configured.
    package var upgrade: Upgrade?
    /// Requests are passed on as they came in, by HTTP/1.1 or HTTP/2.
    package var usesClientProtocol = false
    /// On one connection of HTTP/2.
    package var maxConcurrentStreams: Int?
    /// Pings of HTTP/2.
    package var pings: PingSettings?

    package init() {}
}

/// How it is found out whether the other side of an HTTP/2 connection still lives.
package struct PingSettings: Hashable, Sendable {
    package var interval: Duration?
    package var timeout: Duration?

    package init(interval: Duration? = nil, timeout: Duration? = nil) {
        self.interval = interval
        self.timeout = timeout
    }
}
