package import CoreMetrics

/// The registry as a backend of swift-metrics.
///
/// ```
/// Counter, FloatingPointCounter ► counter        Recorder(aggregate: true) ► histogram
/// Meter, Gauge                  ► gauge          Timer                     ► histogram, in seconds
/// ```
///
/// Labels become metric names as they are, dimensions become labels. Names are not decorated: write
/// `workqueue_adds_total` and `…_seconds` where the metric is made. See ``MetricsRegistry/describe(_:help:buckets:)``.
extension MetricsRegistry: MetricsFactory {
    /// A counter series.
    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        CounterBackend(counter(label, labels: MetricLabels(dimensions)))
    }

    /// A counter series.
    package func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        CounterBackend(counter(label, labels: MetricLabels(dimensions)))
    }

    /// A gauge series.
    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        GaugeBackend(gauge(label, labels: MetricLabels(dimensions)))
    }

    /// A histogram series when values are to be aggregated, else a gauge series.
    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        let labels = MetricLabels(dimensions)
        return aggregate
            ? HistogramBackend(histogram(label, labels: labels)) : GaugeBackend(gauge(label, labels: labels))
    }

    /// A histogram series in seconds.
    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        HistogramBackend(histogram(label, labels: MetricLabels(dimensions)))
    }

    /// Forgets the series.
    package func destroyCounter(_ handler: any CounterHandler) { forget(handler) }

    /// Forgets the series.
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { forget(handler) }

    /// Forgets the series.
    package func destroyMeter(_ handler: any MeterHandler) { forget(handler) }

    /// Forgets the series.
    package func destroyRecorder(_ handler: any RecorderHandler) { forget(handler) }

    /// Forgets the series.
    package func destroyTimer(_ handler: any TimerHandler) { forget(handler) }

    private func forget(_ handler: AnyObject) {
        switch handler {
        case let backend as CounterBackend: remove(backend.series.id)
        case let backend as GaugeBackend: remove(backend.series.id)
        case let backend as HistogramBackend: remove(backend.series.id)
        default: break
        }
    }
}

// The handlers' Int64 and Double methods share names. On types of their own they leave the series' methods
// unambiguous for literals.

private final class CounterBackend: CounterHandler, FloatingPointCounterHandler {
    let series: MetricCounter

    init(_ series: MetricCounter) { self.series = series }

    func increment(by amount: Int64) { series.increment(by: Double(amount)) }

    func increment(by amount: Double) { series.increment(by: amount) }

    func reset() { series.restart() }
}

private final class GaugeBackend: MeterHandler, RecorderHandler {
    let series: MetricGauge

    init(_ series: MetricGauge) { self.series = series }

    func set(_ value: Int64) { series.set(Double(value)) }

    func set(_ value: Double) { series.set(value) }

    func increment(by amount: Double) { series.add(amount) }

    func decrement(by amount: Double) { series.add(-amount) }

    func record(_ value: Int64) { series.set(Double(value)) }

    func record(_ value: Double) { series.set(value) }
}

private final class HistogramBackend: RecorderHandler, TimerHandler {
    let series: MetricHistogram

    init(_ series: MetricHistogram) { self.series = series }

    func record(_ value: Int64) { series.observe(Double(value)) }

    func record(_ value: Double) { series.observe(value) }

    func recordNanoseconds(_ duration: Int64) { series.observe(Double(duration) / 1e9) }
}
