/// A metric of the standard ones, by its name without `istio_`.
package enum StandardMetric: String, Hashable, Sendable, CaseIterable, Comparable {
    case requestCount = "requests_total"
    case requestDuration = "request_duration_milliseconds"
    case requestSize = "request_bytes"
    case responseSize = "response_bytes"
    case openedConnections = "tcp_connections_opened_total"
    case closedConnections = "tcp_connections_closed_total"
    case sentBytes = "tcp_sent_bytes_total"
    case receivedBytes = "tcp_received_bytes_total"
    case requestMessages = "request_messages_total"
    case responseMessages = "response_messages_total"

    package static func < (left: StandardMetric, right: StandardMetric) -> Bool { left.rawValue < right.rawValue }
}

/// What becomes of a label.
package enum MetricTag: Hashable, Sendable {
    /// It is left out.
    case removed
    /// Its value, in the language of access logs.
    case format(String)
}

/// What is measured of one side of a workload's traffic.
package struct MetricsPolicy: Hashable, Sendable {
    package var disabled: Set<StandardMetric>
    /// Labels that are not as the metric has them by itself.
    package var tags: [StandardMetric: [String: MetricTag]]
    /// How often connections are told of while they are open.
    package var reportingInterval: Duration = .seconds(5)

    package init(disabled: Set<StandardMetric> = [], tags: [StandardMetric: [String: MetricTag]] = [:]) {
        self.disabled = disabled
        self.tags = tags
    }

    /// All of it, with the labels that metrics have by themselves.
    package static let standard = MetricsPolicy()
}

/// What a Telemetry says of metrics.
package struct MetricsRule: Hashable, Sendable {
    /// Names of extension providers; empty: those that are used otherwise.
    package var providers: [String]
    /// In the order in which they are written: the last one counts.
    package var overrides: [MetricsOverride]
    /// Nil: as it is otherwise.
    package var reportingInterval: Duration?

    package init(
        providers: [String] = [], overrides: [MetricsOverride] = [], reportingInterval: Duration? = nil
    ) {
        self.providers = providers
        self.overrides = overrides
        self.reportingInterval = reportingInterval
    }
}

/// What is different about some metrics.
package struct MetricsOverride: Hashable, Sendable {
    package var metrics: Set<StandardMetric>
    package var sides: Set<TrafficSide>
    /// Nil: as it is otherwise.
    package var isDisabled: Bool?
    package var tags: [String: MetricTag]

    package init(
        metrics: Set<StandardMetric> = Set(StandardMetric.allCases),
        sides: Set<TrafficSide> = Set(TrafficSide.allCases),
        isDisabled: Bool? = nil, tags: [String: MetricTag] = [:]
    ) {
        self.metrics = metrics
        self.sides = sides
        self.isDisabled = isDisabled
        self.tags = tags
    }
}

extension MetricsPolicy {
    /// Takes over what an override says of one side.
    mutating func apply(_ override: MetricsOverride, on side: TrafficSide) {
        guard override.sides.contains(side) else { return }
        for metric in override.metrics {
            switch override.isDisabled {
            case true?: disabled.insert(metric)
            case false?: disabled.remove(metric)
            case nil: break
            }
            if !override.tags.isEmpty { tags[metric, default: [:]].merge(override.tags) { _, new in new } }
        }
    }
}
