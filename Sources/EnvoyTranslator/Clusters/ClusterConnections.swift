import EnvoyAPI
import MeshModel
import SwiftProtobuf

extension Envoy_Config_Cluster_V3_Cluster {
    /// What clusters have in common.
    ///
    /// - Parameter statisticsName: Empty for the cluster's own.
    static func base(named name: String, connectTimeout: Duration, statisticsName: String = "") -> Self {
        .with {
            $0.name = name
            $0.altStatName = ClusterNames.statistics(statisticsName.isEmpty ? name : statisticsName)
            $0.connectTimeout = .init(connectTimeout)
            $0.circuitBreakers = .init(nil, retries: nil)
        }
    }

    /// How many connections and requests there may be.
    mutating func limit(_ pool: ConnectionPool?, retries: RetryBudget? = nil) {
        circuitBreakers = .init(pool, retries: retries)
    }

    mutating func keepAlive(_ keepalive: TCPKeepalive?) {
        if let keepalive { upstreamConnectionOptions = .init(keepalive) }
    }

    /// How HTTP requests travel, where anything is to be said of it.
    mutating func speak(_ upstream: UpstreamProtocol) throws {
        guard let options = upstream.options else { return }
        typedExtensionProtocolOptions["envoy.extensions.upstreams.http.v3.HttpProtocolOptions"] =
            try .init(packing: options)
    }

    /// How HTTP requests travel, where nobody says more of it.
    mutating func speak(_ upstream: OutboundClusterInput.Upstream) throws {
        try speak(UpstreamProtocol(upstream: upstream))
    }
}

/// How HTTP requests travel to a cluster.
struct UpstreamProtocol {
    /// Names that are taken from each request.
    struct ServerNames {
        /// Told in the handshake.
        var isAsked = false
        /// The server's certificate must have it.
        var isChecked = false
    }

    var upstream: OutboundClusterInput.Upstream
    var pool: ConnectionPool?
    var serverNames = ServerNames()
    /// Statuses that count as failures of an endpoint; empty: as they do otherwise.
    var errorStatuses: [Int] = []

    /// Nil: HTTP/1.1, which Envoy speaks unless it is told.
    var options: Envoy_Extensions_Upstreams_Http_V3_HttpProtocolOptions? {
        var options = Envoy_Extensions_Upstreams_Http_V3_HttpProtocolOptions()
        let hasCommon = applyCommon(&options)
        if serverNames.isAsked { options.upstreamHTTPProtocolOptions.autoSni = true }
        if serverNames.isChecked { options.upstreamHTTPProtocolOptions.autoSanValidation = true }
        if upstream != .tcp, !errorStatuses.isEmpty { options.outlierDetection.errorMatcher = .statuses(errorStatuses) }
        switch upstream {
        case .tcp, .http1:
            guard hasCommon || options.hasUpstreamHTTPProtocolOptions || options.hasOutlierDetection else { return nil }
            options.explicitHTTPConfig.httpProtocolOptions = .init()
        case .http2:
            options.explicitHTTPConfig.http2ProtocolOptions = http2
        case .sniffed:
            options.useDownstreamProtocolConfig.httpProtocolOptions = .init()
            options.useDownstreamProtocolConfig.http2ProtocolOptions = http2
        }
        return options
    }

    private func applyCommon(_ options: inout Envoy_Extensions_Upstreams_Http_V3_HttpProtocolOptions) -> Bool {
        let common: Envoy_Config_Core_V3_HttpProtocolOptions = .with {
            if let time = pool?.httpIdleTimeout ?? pool?.tcpIdleTimeout { $0.idleTimeout = .init(time) }
            if let time = pool?.maxConnectionDuration { $0.maxConnectionDuration = .init(time) }
            if let count = pool?.maxRequestsPerConnection { $0.maxRequestsPerConnection = .init(count) }
        }
        guard common != .init() else { return false }
        options.commonHTTPProtocolOptions = common
        return true
    }

    private var http2: Envoy_Config_Core_V3_Http2ProtocolOptions {
        .with {
            if let count = pool?.maxConcurrentStreams { $0.maxConcurrentStreams = .init(count) }
            if let pings = pool?.pings {
                $0.connectionKeepalive = .with {
                    if let interval = pings.interval { $0.interval = .init(interval) }
                    // Envoy wants one, however it is asked for.
                    $0.timeout = .init(pings.timeout ?? .seconds(20))
                }
            }
        }
    }
}

extension Envoy_Config_Common_Matcher_V3_MatchPredicate {
    /// Answers with one of some statuses.
    fileprivate static func statuses(_ statuses: [Int]) -> Self {
        let each = statuses.map { status in
            Self.with {
                $0.httpResponseHeadersMatch.headers = [
                    .with {
                        $0.name = ":status"
                        $0.stringMatch.exact = "\(status)"
                    }
                ]
            }
        }
        // Fewer than two cannot be alternatives.
        return each.count == 1 ? each[0] : .with { $0.orMatch.rules = each }
    }
}

extension Envoy_Config_Cluster_V3_CircuitBreakers {
    /// What is not said is not limited, and retries are not held back by the number of those under way.
    init(_ pool: ConnectionPool?, retries: RetryBudget?) {
        self.init()
        thresholds = [
            .with {
                $0.maxConnections = pool?.maxConnections.map { .init($0) } ?? .unlimited
                $0.maxPendingRequests = pool?.maxPendingRequests.map { .init($0) } ?? .unlimited
                $0.maxRequests = pool?.maxRequests.map { .init($0) } ?? .unlimited
                $0.maxRetries = pool?.maxRetries.map { .init($0) } ?? .unlimited
                $0.trackRemaining = true
                if let retries {
                    $0.retryBudget.budgetPercent = .init(retries.percent)
                    $0.retryBudget.minRetryConcurrency = .init(retries.minimumConcurrency)
                    if let interval = retries.interval { $0.retryBudget.budgetInterval = .init(interval) }
                }
            }
        ]
    }
}

extension Envoy_Config_Cluster_V3_UpstreamConnectionOptions {
    init(_ keepalive: TCPKeepalive) {
        self.init()
        tcpKeepalive = .with {
            if let time = keepalive.time { $0.keepaliveTime = .init(Int(time.components.seconds)) }
            if let interval = keepalive.interval { $0.keepaliveInterval = .init(Int(interval.components.seconds)) }
            if let probes = keepalive.probes { $0.keepaliveProbes = .init(probes) }
        }
    }
}
