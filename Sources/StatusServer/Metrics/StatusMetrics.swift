package import Metrics

/// What the agent counts of its own status.
package struct StatusMetrics: Sendable {
    /// Which part of a page could not be had.
    package enum Part: String, Hashable, Sendable {
        case envoy
        case application
        case agent
    }

    private let factory: any MetricsFactory
    private let scrapes: Counter

    /// Metrics of this backend; by default the program's.
    package init(factory: any MetricsFactory = MetricsSystem.factory) {
        self.factory = factory
        scrapes = Counter(label: "scrapes_total", factory: factory)
    }

    func countScrape() { scrapes.increment() }

    func countFailure(of part: Part) {
        Counter(label: "scrape_failures_total", dimensions: [("type", part.rawValue)], factory: factory).increment()
    }

    func recordStart(_ time: Duration) {
        let (seconds, attoseconds) = time.components
        Gauge(label: "startup_duration_seconds", factory: factory).record(Double(seconds) + Double(attoseconds) / 1e18)
    }

    /// For the registry.
    package static let descriptions: [(name: String, help: String, buckets: [Double]?)] = [
        ("scrapes_total", "Pages of metrics that were asked for.", nil),
        (
            "scrape_failures_total", "Parts of pages of metrics that could not be had, or held lines nobody can read.",
            nil
        ),
        ("startup_duration_seconds", "From the start of the agent until the proxy was ready.", nil),
        ("envoy_restarts_total", "Starts of Envoy after it ended by itself.", nil),
    ]
}
