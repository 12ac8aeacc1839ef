import Metrics

/// What the agent counts of its own counting.
package struct ConnectionLogMetrics: Sendable {
    /// For the registry.
    package static let descriptions: [(name: String, help: String, buckets: [Double]?)] = [
        ("connection_log_records_total", "What Envoy told of connections.", nil),
        ("connection_log_untracked_total", "Records of connections that are too many to be followed.", nil),
        (
            "connection_log_folded_total", "Records that count in a series with fewer labels, as there are too many.",
            nil
        ),
        ("request_log_records_total", "What Envoy told of requests that it does not count itself.", nil),
        ("request_log_folded_total", "Requests that count in a series with fewer labels, as there are too many.", nil),
        (
            "request_log_unnamed_total",
            "Requests that count without their clients' names, as too many are asked for at once.", nil
        ),
        ("connection_log_peers_asked_total", "Addresses of which the control plane was asked who is there.", nil),
    ]

    let records: Counter
    let untracked: Counter
    let folded: Counter
    let asked: Counter
    let requests: Counter
    let foldedRequests: Counter
    let unnamedRequests: Counter

    init(factory: any MetricsFactory = MetricsSystem.factory) {
        records = Counter(label: "connection_log_records_total", factory: factory)
        untracked = Counter(label: "connection_log_untracked_total", factory: factory)
        folded = Counter(label: "connection_log_folded_total", factory: factory)
        asked = Counter(label: "connection_log_peers_asked_total", factory: factory)
        requests = Counter(label: "request_log_records_total", factory: factory)
        foldedRequests = Counter(label: "request_log_folded_total", factory: factory)
        unnamedRequests = Counter(label: "request_log_unnamed_total", factory: factory)
    }
}
