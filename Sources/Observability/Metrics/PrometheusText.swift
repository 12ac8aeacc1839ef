/// Collects metrics and writes them in Prometheus' text format 0.0.4.
///
/// ```
/// # HELP workqueue_depth Keys that wait.
/// # TYPE workqueue_depth gauge
/// workqueue_depth{name="istiooperator"} 3
/// ```
struct PrometheusText {
    /// The content type that goes with it.
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private struct Block {
        var kind: String
        var help: String?
        /// Lines by labels, so that they can be sorted.
        var series: [MetricLabels: [String]] = [:]
    }

    private var blocks: [String: Block] = [:]

    mutating func add(_ family: MetricFamily, named name: String, help: String?) {
        var block = Block(kind: family.kind.rawValue, help: help)
        for (labels, series) in family.series {
            switch series {
            case .counter(let counter): block.series[labels] = [Self.line(name, labels, counter.value)]
            case .gauge(let gauge): block.series[labels] = [Self.line(name, labels, gauge.value)]
            case .histogram(let histogram): block.series[labels] = Self.lines(name, labels, histogram)
            }
        }
        blocks[name] = block
    }

    /// Adds a collected number. A name of another kind, or a series that is there already, is left as it is.
    mutating func add(_ sample: MetricSample) {
        let name = metricIdentifier(sample.name, allowsColon: true)
        let kind = sample.kind == .counter ? MetricKind.counter.rawValue : MetricKind.gauge.rawValue
        var block = blocks[name] ?? Block(kind: kind, help: sample.help)
        guard block.kind == kind, block.series[sample.labels] == nil else { return }
        block.series[sample.labels] = [Self.line(name, sample.labels, sample.value)]
        blocks[name] = block
    }

    var text: String {
        var text = ""
        for (name, block) in blocks.sorted(by: { $0.key < $1.key }) {
            if let help = block.help { text += "# HELP \(name) \(Self.escaped(help, quotes: false))\n" }
            text += "# TYPE \(name) \(block.kind)\n"
            for (_, lines) in block.series.sorted(by: { $0.key.isBefore($1.key) }) {
                for line in lines { text += line }
            }
        }
        return text
    }

    private static func lines(_ name: String, _ labels: MetricLabels, _ histogram: MetricHistogram) -> [String] {
        let snapshot = histogram.snapshot
        var lines: [String] = []
        var below: UInt64 = 0
        for (bound, count) in zip(histogram.bounds + [.infinity], snapshot.counts) {
            below += count
            lines.append(line("\(name)_bucket", labels, Double(below), le: bound))
        }
        lines.append(line("\(name)_sum", labels, snapshot.sum))
        lines.append(line("\(name)_count", labels, Double(below)))
        return lines
    }

    private static func line(_ name: String, _ labels: MetricLabels, _ value: Double, le: Double? = nil) -> String {
        var pairs = labels.pairs.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }
        if let le { pairs.append("le=\"\(number(le))\"") }
        let braces = pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}"
        return "\(name)\(braces) \(number(value))\n"
    }

    /// Whole numbers without a fraction, the others as short as they read back equal; `+Inf`, `-Inf`, `NaN`.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        if value == value.rounded(), abs(value) < 1e15 { return "\(Int64(value))" }
        return "\(value)"
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

extension MetricLabels {
    fileprivate func isBefore(_ other: MetricLabels) -> Bool {
        pairs.lexicographicallyPrecedes(other.pairs) { ($0.name, $0.value) < ($1.name, $1.value) }
    }
}
