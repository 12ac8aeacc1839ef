/// How much a client asks of a server, takes in, and waits.
package struct ClientLimits: Hashable, Sendable {
    /// Requests a second on average. Watches count when they start.
    package var requestsPerSecond: Double
    /// Requests that may start at once after a pause.
    package var burst: Int
    /// Requests under way at once, without watches and other streams.
    package var concurrentRequests: Int
    /// Attempts after the first.
    package var retries: Int
    /// For one attempt, from sending to the last byte of the answer.
    package var requestTimeout: Duration
    package var connectTimeout: Duration
    /// How long the server is asked to keep a watch open, in seconds; drawn anew for each, so that they do not all end
    /// together.
    package var watchSeconds: ClosedRange<Int>
    /// Silence of a watched server after which it is asked for a sign of life.
    package var quietTime: Duration
    /// How long it may take to give one.
    package var probeTimeout: Duration
    /// Objects in one page of a list.
    package var pageSize: Int
    /// Bytes in one answer.
    package var responseBytes: Int
    /// Bytes in one event of a watch.
    package var eventBytes: Int

    package init(
        requestsPerSecond: Double = 50, burst: Int = 100, concurrentRequests: Int = 32, retries: Int = 4,
        requestTimeout: Duration = .seconds(30), connectTimeout: Duration = .seconds(10),
        watchSeconds: ClosedRange<Int> = 300...600, quietTime: Duration = .seconds(30),
        probeTimeout: Duration = .seconds(10), pageSize: Int = 500, responseBytes: Int = 64 << 20,
        eventBytes: Int = 16 << 20
    ) {
        self.requestsPerSecond = requestsPerSecond
        self.burst = burst
        self.concurrentRequests = concurrentRequests
        self.retries = retries
        self.requestTimeout = requestTimeout
        self.connectTimeout = connectTimeout
        self.watchSeconds = watchSeconds
        self.quietTime = quietTime
        self.probeTimeout = probeTimeout
        self.pageSize = pageSize
        self.responseBytes = responseBytes
        self.eventBytes = eventBytes
    }

    /// 50 requests a second, bursts of 100, 32 at once.
    package static let `default` = ClientLimits()
}
