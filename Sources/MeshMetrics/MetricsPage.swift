/// An Envoy's page of statistics in Prometheus' text format, with Istio's standard metrics.
package struct MetricsPage: Sendable {
    /// What the proxy's own workload is called.
    package let own: PeerNames

    package init(own: PeerNames) { self.own = own }

    /// The page with Istio's names and labels. Statistics of other kinds stay as they are.
    ///
    /// Series that have come to have the same labels are one, with the sum of their values.
    ///
    /// - Parameter traffic: What was counted elsewhere.
    package func rewritten(_ page: [UInt8], adding traffic: CountedTraffic = CountedTraffic()) -> [UInt8] {
        var rewritten: [UInt8] = []
        rewritten.reserveCapacity(page.count)
        var metrics = StandardMetrics(MetricLabels(own: own))
        for line in page.split(separator: UInt8(ascii: "\n")) {
            if line.starts(with: Self.typePrefix) {
                metrics.declare(String(decoding: line.dropFirst(Self.typePrefix.count), as: UTF8.self))
            } else if line.starts(with: Self.prefix) {
                metrics.add(line.dropFirst(Self.prefix.count))
            } else {
                rewritten += line
                rewritten.append(UInt8(ascii: "\n"))
            }
        }
        for totals in traffic.connections { metrics.add(totals) }
        for totals in traffic.requests { metrics.add(totals) }
        rewritten += metrics.text.utf8
        return rewritten
    }

    private static let prefix = Array("envoy_\(MetricTags.prefix)_istio_".utf8)
    private static let typePrefix = Array("# TYPE ".utf8) + prefix
}
