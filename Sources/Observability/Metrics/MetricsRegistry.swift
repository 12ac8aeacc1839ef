import Synchronization

/// The program's metrics: made by name, counted without locks, rendered for Prometheus.
///
/// Use the typed methods here, or bootstrap swift-metrics with it. Asking twice for a name and labels gives the same
/// series. It never fails its caller: a series beyond the limit, or a name already used for another kind, works but
/// is not rendered, and `apus_metrics_dropped_series_total{metric}` rises.
package final class MetricsRegistry: Sendable {
    private struct Description: Sendable {
        var help: String
        var buckets: [Double]?
    }

    private struct State {
        var families: [String: MetricFamily] = [:]
        var descriptions: [String: Description] = [:]
        var collectors: [@Sendable () -> [MetricSample]] = []
        var dropped: [String: UInt64] = [:]
    }

    /// How many series one metric may have.
    package let seriesLimit: Int
    /// How many metrics there may be.
    package let metricLimit: Int
    private let state = Mutex(State())

    /// An empty registry.
    ///
    /// - Parameters:
    ///   - seriesLimit: Most series per metric; labels from outside cannot fill the memory.
    ///   - metricLimit: Most metrics.
    package init(seriesLimit: Int = 2000, metricLimit: Int = 2000) {
        self.seriesLimit = seriesLimit
        self.metricLimit = metricLimit
    }

    /// Gives a metric its help text, and a histogram its bounds, before or after its first series.
    ///
    /// For metrics made through swift-metrics, which knows neither. Bounds count for series made afterwards.
    package func describe(_ name: String, help: String, buckets: [Double]? = nil) {
        let name = metricIdentifier(name, allowsColon: true)
        state.withLock { $0.descriptions[name] = Description(help: help, buckets: buckets.map(Self.rising)) }
    }

    /// Adds a source of numbers that are read at each scrape. It must be quick and not block.
    package func collect(_ samples: @escaping @Sendable () -> [MetricSample]) {
        state.withLock { $0.collectors.append(samples) }
    }

    /// The counter of this name and these labels.
    package func counter(_ name: String, help: String? = nil, labels: MetricLabels = .none) -> MetricCounter {
        let id = identify(name, help: help, labels: labels)
        let series = series(id, kind: .counter) { _ in .counter(MetricCounter(id: id)) }
        if case .counter(let counter) = series { return counter }
        return MetricCounter(id: id)
    }

    /// The gauge of this name and these labels.
    package func gauge(_ name: String, help: String? = nil, labels: MetricLabels = .none) -> MetricGauge {
        let id = identify(name, help: help, labels: labels)
        let series = series(id, kind: .gauge) { _ in .gauge(MetricGauge(id: id)) }
        if case .gauge(let gauge) = series { return gauge }
        return MetricGauge(id: id)
    }

    /// The histogram of this name and these labels.
    ///
    /// - Parameter buckets: Upper bounds; sorted, infinity is added by itself. Without them those of ``describe(_:help:buckets:)``,
    ///   else ``HistogramBuckets/seconds``.
    package func histogram(
        _ name: String, help: String? = nil, labels: MetricLabels = .none, buckets: [Double]? = nil
    ) -> MetricHistogram {
        let id = identify(name, help: help, labels: labels)
        let own = buckets.map(Self.rising)
        let series = series(id, kind: .histogram) { described in
            .histogram(MetricHistogram(id: id, bounds: own ?? described ?? HistogramBuckets.seconds))
        }
        if case .histogram(let histogram) = series { return histogram }
        return MetricHistogram(id: id, bounds: own ?? HistogramBuckets.seconds)
    }

    /// Forgets a series; counts made on it afterwards are not rendered.
    func remove(_ id: SeriesID) {
        state.withLock { state in
            guard var family = state.families.removeValue(forKey: id.metric) else { return }
            family.series[id.labels] = nil
            if !family.series.isEmpty { state.families[id.metric] = family }
        }
    }

    /// Everything in Prometheus' text format 0.0.4, metrics and series sorted.
    package func prometheusText() -> String {
        let state = state.withLock { $0 }
        var writer = PrometheusText()
        for (name, family) in state.families {
            writer.add(family, named: name, help: state.descriptions[name]?.help)
        }
        for sample in state.collectors.flatMap({ $0() }) { writer.add(sample) }
        for (metric, count) in state.dropped {
            writer.add(
                MetricSample(
                    name: "apus_metrics_dropped_series_total",
                    help: "Series that were asked for but not kept, because the metric has too many or its name is "
                        + "taken by another kind.",
                    kind: .counter, labels: ["metric": metric], value: Double(count)))
        }
        return writer.text
    }

    private func identify(_ name: String, help: String?, labels: MetricLabels) -> SeriesID {
        let name = metricIdentifier(name, allowsColon: true)
        if let help {
            state.withLock { state in
                if state.descriptions[name] == nil { state.descriptions[name] = Description(help: help) }
            }
        }
        return SeriesID(metric: name, labels: labels)
    }

    /// The kept series; `nil` when it is refused.
    private func series(
        _ id: SeriesID, kind: MetricKind, make: ([Double]?) -> MetricFamily.Series
    ) -> MetricFamily.Series? {
        state.withLock { state in
            let isKnown = state.families[id.metric] != nil
            if let family = state.families[id.metric], family.kind == kind, let known = family.series[id.labels] {
                return known
            }
            let count = state.families[id.metric]?.series.count ?? 0
            let isRefused =
                (state.families[id.metric].map { $0.kind != kind } ?? false) || count >= seriesLimit
                || (!isKnown && state.families.count >= metricLimit)
            guard !isRefused else {
                let metric = isKnown ? id.metric : "other"
                state.dropped[metric, default: 0] += 1
                return nil
            }
            let series = make(state.descriptions[id.metric]?.buckets)
            state.families[id.metric, default: MetricFamily(kind: kind)].series[id.labels] = series
            return series
        }
    }

    private static func rising(_ bounds: [Double]) -> [Double] {
        Set(bounds.filter { $0.isFinite }).sorted()
    }
}
