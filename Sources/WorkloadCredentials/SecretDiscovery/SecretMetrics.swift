package import Metrics
import Synchronization
import XDSServer

/// Istio's metrics of an agent's own xDS, by which it gives secrets.
package final class SecretMetrics: Sendable {
    /// What backends can be told that swift-metrics cannot say.
    package static let descriptions: [(name: String, help: String, buckets: [Double]?)] = [
        ("pilot_xds", "Streams by which a proxy asks for secrets, by the proxy's version.", nil),
        ("pilot_xds_pushes", "Responses with secrets.", nil),
        (
            "pilot_xds_send_time", "Seconds until a response with secrets was handed to the transport.",
            [0.01, 0.1, 1, 3, 5, 10, 20, 30]
        ),
        ("pilot_total_xds_rejects", "Responses with secrets that a proxy refused.", nil),
    ]

    private let factory: any MetricsFactory
    private let pushes: Counter
    private let sendTime: Metrics.Timer
    private let rejects: Counter
    private let streams = Mutex<[String: (count: Int, gauge: Gauge)]>([:])

    /// Metrics of this backend; by default the program's.
    package init(_ factory: any MetricsFactory = MetricsSystem.factory) {
        self.factory = factory
        pushes = Counter(label: "pilot_xds_pushes", dimensions: [("type", "sds")], factory: factory)
        sendTime = Timer(label: "pilot_xds_send_time", factory: factory)
        rejects = Counter(
            label: "pilot_total_xds_rejects", dimensions: [("type", TypeURL.secret.rawValue)], factory: factory)
    }

    func connected(version: String) { count(version, 1) }

    func disconnected(version: String) { count(version, -1) }

    func sent(took duration: Duration) {
        pushes.increment()
        sendTime.record(duration: duration)
    }

    func rejected() { rejects.increment() }

    private func count(_ version: String, _ change: Int) {
        streams.withLock { streams in
            var entry =
                streams[version]
                ?? (0, Gauge(label: "pilot_xds", dimensions: [("version", version)], factory: factory))
            entry.count += change
            entry.gauge.record(entry.count)
            streams[version] = entry
        }
    }
}
