import Synchronization

/// A count that only rises, one series of a counter.
package final class MetricCounter: Sendable {
    let id: SeriesID
    private let total = AtomicDouble()

    init(id: SeriesID) { self.id = id }

    /// Adds `amount`; negative and non-finite amounts are ignored, a counter never falls.
    package func increment(by amount: Double = 1) {
        guard amount >= 0, amount.isFinite else { return }
        total.add(amount)
    }

    /// The count so far.
    package var value: Double { total.value }

    func restart() { total.set(0) }
}

/// A number that moves both ways, one series of a gauge.
package final class MetricGauge: Sendable {
    let id: SeriesID
    private let current = AtomicDouble()

    init(id: SeriesID) { self.id = id }

    /// Sets the number.
    package func set(_ value: Double) { current.set(value) }

    /// Adds `amount`, which may be negative.
    package func add(_ amount: Double) { current.add(amount) }

    /// The number now.
    package var value: Double { current.value }
}

/// How often values fell below which bounds, one series of a histogram.
package final class MetricHistogram: Sendable {
    /// A consistent reading.
    struct Snapshot: Hashable, Sendable {
        /// Observations per bucket, not cumulative; the last one is above every bound.
        var counts: [UInt64]
        var sum: Double
    }

    let id: SeriesID
    /// Upper bounds, rising, without infinity.
    let bounds: [Double]
    private let state: Mutex<Snapshot>

    init(id: SeriesID, bounds: [Double]) {
        self.id = id
        self.bounds = bounds
        state = Mutex(Snapshot(counts: Array(repeating: 0, count: bounds.count + 1), sum: 0))
    }

    /// Counts `value` into its bucket; NaN is ignored.
    package func observe(_ value: Double) {
        guard !value.isNaN else { return }
        let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock {
            $0.counts[bucket] += 1
            $0.sum += value
        }
    }

    /// Counts a duration in seconds.
    package func observe(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        observe(Double(seconds) + Double(attoseconds) * 1e-18)
    }

    var snapshot: Snapshot { state.withLock { $0 } }
}

/// Which series of which metric.
struct SeriesID: Hashable, Sendable {
    var metric: String
    var labels: MetricLabels
}

/// Upper bounds for histograms, in the metric's unit.
package enum HistogramBuckets {
    /// For durations in seconds of requests and the like: 5 ms to 10 s.
    package static let seconds: [Double] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
}
