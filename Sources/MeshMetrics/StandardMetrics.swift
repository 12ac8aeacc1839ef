/// The standard metrics of one page, while it is read.
struct StandardMetrics {
    private let labels: MetricLabels
    /// By name without `istio_`, in the order in which they came.
    private var families: [String: Family] = [:]
    private var names: [String] = []
    /// Histograms have the same labels on twenty lines.
    private var known: [String: String] = [:]

    private struct Family {
        var kind: String
        /// In the order in which they came.
        var series: [String] = []
        var values: [String: String] = [:]

        mutating func add(_ value: String, to name: String) {
            guard let before = values[name] else {
                series.append(name)
                values[name] = value
                return
            }
            values[name] = sum(before, value)
        }
    }

    init(_ labels: MetricLabels) { self.labels = labels }

    /// Takes `requests_total counter`.
    mutating func declare(_ line: String) {
        let words = line.split(separator: " ")
        guard words.count == 2 else { return }
        add(family: String(words[0]), kind: String(words[1]))
    }

    /// Takes a sample; its name has no prefix.
    mutating func add(_ line: some Collection<UInt8>) {
        guard let sample = MetricSample(line) else { return }
        let isTCP = sample.name.hasPrefix("tcp_")
        let tags = sample.labels
        let key = (isTCP ? "tcp " : "") + tags.map { "\($0.name)=\($0.value)" }.joined(separator: "\u{1F}")
        let text: String
        if let found = known[key] {
            text = found
        } else {
            text = labels.text(tags, isTCP: isTCP)
            known[key] = text
        }
        func tag(_ name: String) -> String? { tags.first { $0.name == name }?.value }
        switch sample.name {
        case "messages":
            for name in Self.messages {
                add(family: name, kind: "counter")
                add(text, tag(MetricTags.messages), of: sample.value, to: name)
            }
        case "request_messages_total", "response_messages_total":
            add(text, tag(MetricTags.messages), of: sample.value, to: sample.name)
        case "tcp_connections_closed_total":
            add(text, sample.value, to: sample.name)
            // One that never got through was opened at the moment it was closed.
            guard Self.neverOpened(tag(MetricTags.responseFlags) ?? ""), tag(MetricTags.onlyClosed) == nil else {
                return
            }
            add(family: "tcp_connections_opened_total", kind: "counter")
            add(text, sample.value, to: "tcp_connections_opened_total")
        default:
            add(sample.bound.map { "\(text),\(MetricSample.text("le", $0))" } ?? text, sample.value, to: sample.name)
        }
    }

    private static let messages = ["request_messages_total", "response_messages_total"]

    /// - Parameters:
    ///   - counts: What each call had: `requests,responses`.
    ///   - calls: How many calls.
    private mutating func add(_ labels: String, _ counts: String?, of calls: String, to name: String) {
        let each = (counts ?? "").split(separator: ",").map { Double($0) }
        guard each.count == 2, let calls = Double(calls), let count = each[name == Self.messages[0] ? 0 : 1] else {
            return
        }
        add(labels, number(count * calls), to: name)
    }

    private mutating func add(family name: String, kind: String) {
        guard families[name] == nil else { return }
        names.append(name)
        families[name] = Family(kind: kind)
    }

    private mutating func add(_ labels: String, _ value: String, to name: String) {
        let family = ["_bucket", "_sum", "_count"].first { name.hasSuffix($0) }.map { String(name.dropLast($0.count)) }
        families[family.flatMap { families[$0] == nil ? nil : $0 } ?? name]?.add(value, to: "istio_\(name){\(labels)}")
    }

    /// No upstream connection came about.
    private static func neverOpened(_ flags: String) -> Bool {
        flags.split(separator: ",").contains { ["URX", "UH", "NR", "NC", "UO"].contains($0) }
    }

    /// Takes the connections of one series.
    mutating func add(_ totals: ConnectionTotals) {
        let text = labels.text(totals.tags.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }, isTCP: true)
        for (total, name) in ConnectionTotals.metrics where totals.counted.contains(total) {
            add(family: name, kind: "counter")
            add(text, "\(totals[total])", to: name)
        }
    }

    /// Takes the requests of one series.
    mutating func add(_ totals: RequestTotals) {
        let text = labels.text(totals.tags.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }, isTCP: false)
        func isCounted(_ metric: RequestTotals.Counted) -> Bool { totals.counted.contains(metric) }
        if isCounted(.requests) { add(count: totals.requests, text, to: "requests_total") }
        if isCounted(.durations) { add(totals.durations, text, to: "request_duration_milliseconds") }
        if isCounted(.requestBytes) { add(totals.requestBytes, text, to: "request_bytes") }
        if isCounted(.responseBytes) { add(totals.responseBytes, text, to: "response_bytes") }
        guard totals.tags[MetricTags.messages] != nil else { return }
        if isCounted(.requestMessages) { add(count: totals.requestMessages, text, to: Self.messages[0]) }
        if isCounted(.responseMessages) { add(count: totals.responseMessages, text, to: Self.messages[1]) }
    }

    private mutating func add(count: UInt64, _ labels: String, to name: String) {
        add(family: name, kind: "counter")
        add(labels, "\(count)", to: name)
    }

    private mutating func add(_ histogram: Histogram, _ labels: String, to name: String) {
        add(family: name, kind: "histogram")
        for (bound, count) in histogram.cumulative {
            add("\(labels),\(MetricSample.text("le", number(bound)))", "\(count)", to: "\(name)_bucket")
        }
        add("\(labels),\(MetricSample.text("le", "+Inf"))", "\(histogram.count)", to: "\(name)_bucket")
        add(labels, number(histogram.sum), to: "\(name)_sum")
        add(labels, "\(histogram.count)", to: "\(name)_count")
    }

    /// As a page has it.
    var text: String {
        var lines: [String] = []
        for name in names {
            guard let family = families[name], !family.series.isEmpty else { continue }
            lines.append("# TYPE istio_\(name) \(family.kind)\n")
            for series in family.series { lines.append("\(series) \(family.values[series] ?? "0")\n") }
        }
        return lines.joined()
    }
}

private func sum(_ left: String, _ right: String) -> String {
    guard let one = Double(left), let other = Double(right) else { return left }
    return number(one + other)
}

/// Without a fraction where there is none.
private func number(_ value: Double) -> String {
    Int64(exactly: value).map { "\($0)" } ?? "\(value)"
}
