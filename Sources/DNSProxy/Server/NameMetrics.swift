package import Metrics

/// Istio's metrics of an agent's name server.
package struct NameMetrics: Sendable {
    /// What backends can be told that swift-metrics cannot say.
    package static let descriptions: [(name: String, help: String, buckets: [Double]?)] = [
        ("dns_requests_total", "Questions asked.", nil),
        ("dns_upstream_requests_total", "Questions passed on to other servers.", nil),
        ("dns_upstream_failures_total", "Questions that other servers did not answer.", nil),
        ("dns_upstream_request_duration_seconds", "Time that other servers take.", [0.001, 0.005, 0.01, 0.1, 1, 5]),
    ]

    let requests: Counter
    let upstreamRequests: Counter
    let upstreamFailures: Counter
    let upstreamTime: Metrics.Timer

    /// Metrics of this backend; by default the program's.
    package init(_ factory: any MetricsFactory = MetricsSystem.factory) {
        requests = Counter(label: "dns_requests_total", factory: factory)
        upstreamRequests = Counter(label: "dns_upstream_requests_total", factory: factory)
        upstreamFailures = Counter(label: "dns_upstream_failures_total", factory: factory)
        upstreamTime = Timer(label: "dns_upstream_request_duration_seconds", factory: factory)
    }
}
