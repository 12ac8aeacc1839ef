/// How a service, a port of it or a subset of it is treated. What is nil is not said.
package struct TrafficPolicy: Hashable, Sendable {
    package var loadBalancer: LoadBalancer?
    package var connectionPool: ConnectionPool?
    package var outlierDetection: OutlierDetection?
    package var tls: ClientTLS?
    package var tunnel: Tunnel?
    package var proxyProtocol: ProxyProtocolVersion?
    package var retryBudget: RetryBudget?
    /// Of single ports, by number: without a tunnel and the like, and without ports.
    package var ports: [Int: TrafficPolicy] = [:]

    package init() {}

    /// What counts for a port. What is said of it counts instead of all else but the tunnel.
    func policy(port: Int) -> TrafficPolicy {
        guard var own = ports[port] else {
            var whole = self
            whole.ports = [:]
            return whole
        }
        own.tunnel = tunnel
        return own
    }

    /// This, which holds for one port, with what a subset says of that port.
    func overlaid(with subset: TrafficPolicy, port: Int) -> TrafficPolicy {
        var merged = self
        let ofPort = subset.ports[port]
        let own = ofPort ?? subset
        let isWhole = ofPort != nil
        merged.loadBalancer = isWhole ? own.loadBalancer : own.loadBalancer ?? loadBalancer
        merged.connectionPool = isWhole ? own.connectionPool : own.connectionPool ?? connectionPool
        merged.outlierDetection = isWhole ? own.outlierDetection : own.outlierDetection ?? outlierDetection
        merged.tls = isWhole ? own.tls : own.tls ?? tls
        merged.tunnel = subset.tunnel ?? tunnel
        merged.proxyProtocol = subset.proxyProtocol ?? proxyProtocol
        merged.retryBudget = subset.retryBudget ?? retryBudget
        return merged
    }
}

/// Connections are sent through a proxy that opens a tunnel to where they go.
package struct Tunnel: Hashable, Sendable {
    package var host: String
    package var port: Int
    /// The tunnel is asked for with POST, not with CONNECT.
    package var usesPost: Bool

    package init(host: String, port: Int, usesPost: Bool = false) {
        self.host = host
        self.port = port
        self.usesPost = usesPost
    }
}

/// How the client's address is told at the beginning of connections.
package enum ProxyProtocolVersion: Hashable, Sendable {
    case v1
    case v2
}

/// How many retries there may be, relative to requests.
package struct RetryBudget: Hashable, Sendable {
    package var percent: Double
    package var minimumConcurrency: Int
    /// Requests that came within it count; nil: those under way.
    package var interval: Duration?

    package init(percent: Double = 20, minimumConcurrency: Int = 3, interval: Duration? = nil) {
        self.percent = percent
        self.minimumConcurrency = minimumConcurrency
        self.interval = interval
    }
}
