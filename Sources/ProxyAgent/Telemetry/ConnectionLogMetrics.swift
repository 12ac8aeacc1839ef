import Metrics

/// What the agent counts of its own counting.
struct ConnectionLogMetrics: Sendable {
    /// For the registry.
    static let descriptions: [(name: String, help: String, buckets: [Double]?)] = [
        ("connection_log_records_total", "What Envoy told of connections.", nil),
        ("connection_log_untracked_total", "Records of connections that are too many to be followed.", nil),
        (
            "connection_log_folded_total", "Records that count in a series with fewer labels, as there are too many.",
            nil
        ),
        ("connection_log_peers_asked_total", "Addresses of which the control plane was asked who is there.", nil),
    ]

    let records: Counter
    let untracked: Counter
    let folded: Counter
    let asked: Counter

    init(factory: any MetricsFactory = MetricsSystem.factory) {
        records = Counter(label: "connection_log_records_total", factory: factory)
        untracked = Counter(label: "connection_log_untracked_total", factory: factory)
        folded = Counter(label: "connection_log_folded_total", factory: factory)
        asked = Counter(label: "connection_log_peers_asked_total", factory: factory)
    }
}
