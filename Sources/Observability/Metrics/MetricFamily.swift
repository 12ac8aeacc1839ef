/// What kind of numbers a metric holds; its `# TYPE` in the exposition.
enum MetricKind: String, Hashable, Sendable {
    case counter
    case gauge
    case histogram
}

/// One metric with all its series.
struct MetricFamily: Sendable {
    enum Series: Sendable {
        case counter(MetricCounter)
        case gauge(MetricGauge)
        case histogram(MetricHistogram)
    }

    var kind: MetricKind
    var series: [MetricLabels: Series] = [:]
}

/// A number read at the moment of a scrape, for what the program does not count itself.
package struct MetricSample: Hashable, Sendable {
    /// Whether the number only rises or moves both ways.
    package enum Kind: Hashable, Sendable {
        /// Only rises while the process lives.
        case counter
        /// Moves both ways.
        case gauge
    }

    /// The metric's name.
    package var name: String
    /// One sentence about it.
    package var help: String
    /// How to read it.
    package var kind: Kind
    /// Which series.
    package var labels: MetricLabels
    /// The number now.
    package var value: Double

    /// A sample.
    package init(name: String, help: String, kind: Kind, labels: MetricLabels = .none, value: Double) {
        self.name = name
        self.help = help
        self.kind = kind
        self.labels = labels
        self.value = value
    }
}
