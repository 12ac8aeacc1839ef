package import Metrics
import Synchronization
import XDSServer

/// Istio's metrics of xDS.
///
/// ```
/// pilot_xds{version}                  clients
/// pilot_xds_pushes{type}              responses
/// pilot_total_xds_rejects{type}       responses that were refused
/// pilot_xds_cds_reject{node,err} …    1: the client refuses something of the type, and has what it had
/// pilot_xds_expired_nonce             answers to older responses, by type
/// pilot_xds_write_timeout             clients that did not read in time
/// pilot_xds_config_size_bytes{type}   bytes each
/// pilot_xds_send_time                 seconds to hand a response to the transport
/// pilot_xds_push_time{type}           the same, by type
/// pilot_proxy_queue_time              seconds from when it is known that a client needs something until that is sent
/// pilot_proxy_convergence_time        seconds from a change until a client was sent all of it
/// ```
package final class DiscoveryMetrics: Sendable {
    /// The series of one type.
    private struct OfType: Sendable {
        let pushes: Counter
        let size: Recorder
        let time: Metrics.Timer
        let rejects: Counter
        let expiredNonces: Counter
    }

    /// What backends can be told that swift-metrics cannot say: help texts, and the bounds of histograms.
    package static let descriptions: [(name: String, help: String, buckets: [Double]?)] = [
        ("pilot_xds", "Connected clients of xDS.", nil),
        ("pilot_xds_pushes", "Responses sent.", nil),
        ("pilot_xds_send_time", "Time to hand a response to the transport.", [0.0001, 0.001, 0.01, 0.1, 1, 3, 10, 30]),
        (
            "pilot_xds_push_time", "Time to hand a response of the type to the transport.",
            [0.0001, 0.001, 0.01, 0.1, 1, 3, 10, 30]
        ),
        ("pilot_xds_config_size_bytes", "Size of responses.", [1, 1e4, 1e6, 4e6, 1e7, 4e7]),
        ("pilot_total_xds_rejects", "Responses that clients refused.", nil),
        ("pilot_xds_cds_reject", "1: the client refuses a cluster.", nil),
        ("pilot_xds_eds_reject", "1: the client refuses endpoints.", nil),
        ("pilot_xds_lds_reject", "1: the client refuses a listener.", nil),
        ("pilot_xds_rds_reject", "1: the client refuses routes.", nil),
        (
            "pilot_proxy_queue_time", "Time from when something is due for a client until it is sent.",
            [0.1, 0.5, 1, 3, 5, 10, 20, 30]
        ),
        (
            "pilot_proxy_convergence_time", "Time from a change until a client was sent all that it means.",
            [0.1, 0.5, 1, 3, 5, 10, 20, 30]
        ),
        ("pilot_xds_expired_nonce", "Answers to responses that were not the last.", nil),
        ("pilot_xds_write_timeout", "Connections closed because the client read nothing.", nil),
    ]

    private static let names: [TypeURL: String] = [
        .cluster: "cds", .endpoint: "eds", .listener: "lds", .route: "rds", .secret: "sds", .scopedRoute: "srds",
        .virtualHost: "vhds", .extensionConfig: "ecds", .runtime: "rtds", .nameTable: "nds", .bootstrap: "bds",
        .debug: "debug",
    ]
    private static let counted: [TypeURL] = [.cluster, .endpoint, .listener, .route]

    private let factory: any MetricsFactory
    private let writeTimeouts: Counter
    private let sendTime: Metrics.Timer
    private let queueTime: Metrics.Timer
    private let convergenceTime: Metrics.Timer
    private let types = Mutex<[TypeURL: OfType]>([:])
    private let refusals = Mutex<[ProxyRefusal: (count: Int, gauge: Gauge)]>([:])
    private let clients = Mutex<[String: (count: Int, gauge: Gauge)]>([:])

    /// Metrics of this backend; by default the program's.
    package init(_ factory: any MetricsFactory = MetricsSystem.factory) {
        self.factory = factory
        writeTimeouts = Counter(label: "pilot_xds_write_timeout", factory: factory)
        sendTime = Timer(label: "pilot_xds_send_time", factory: factory)
        queueTime = Timer(label: "pilot_proxy_queue_time", factory: factory)
        convergenceTime = Timer(label: "pilot_proxy_convergence_time", factory: factory)
        // That nothing was refused is worth a number.
        for typeURL in Self.counted { _ = series(typeURL) }
    }

    func connected(version: String?) { count(version, 1) }

    func disconnected(version: String?) { count(version, -1) }

    func sent(_ typeURL: TypeURL, bytes: Int, took duration: Duration) {
        let series = series(typeURL)
        series.pushes.increment()
        series.size.record(bytes)
        series.time.record(duration: duration)
        sendTime.record(duration: duration)
    }

    func rejected(_ typeURL: TypeURL) { series(typeURL).rejects.increment() }

    /// Series of what is no longer so are gone: there may be many proxies.
    func refuses(_ refusal: ProxyRefusal, _ stands: Bool) {
        guard Self.counted.contains(refusal.typeURL), let name = Self.names[refusal.typeURL] else { return }
        refusals.withLock { refusals in
            var entry =
                refusals[refusal]
                ?? (
                    0,
                    Gauge(
                        label: "pilot_xds_\(name)_reject",
                        dimensions: [("node", refusal.node), ("err", refusal.code)], factory: factory)
                )
            entry.count += stands ? 1 : -1
            entry.gauge.record(entry.count)
            if entry.count > 0 {
                refusals[refusal] = entry
            } else {
                entry.gauge.destroy()
                refusals[refusal] = nil
            }
        }
    }

    func queued(_ duration: Duration) { queueTime.record(duration: duration) }

    func converged(_ duration: Duration) { convergenceTime.record(duration: duration) }

    func expired(_ count: Int, of typeURL: TypeURL) { series(typeURL).expiredNonces.increment(by: count) }

    func writeTimedOut() { writeTimeouts.increment() }

    private func count(_ version: String?, _ change: Int) {
        let version = version ?? "unknown"
        clients.withLock { clients in
            var entry =
                clients[version]
                ?? (0, Gauge(label: "pilot_xds", dimensions: [("version", version)], factory: factory))
            entry.count += change
            entry.gauge.record(entry.count)
            clients[version] = entry
        }
    }

    /// Types that nobody knows share their series: clients must not make up labels.
    private func series(_ typeURL: TypeURL) -> OfType {
        let known = Self.names[typeURL] == nil ? TypeURL(rawValue: "other") : typeURL
        return types.withLock { types in
            if let series = types[known] { return series }
            let series = makeSeries(known)
            types[known] = series
            return series
        }
    }

    private func makeSeries(_ typeURL: TypeURL) -> OfType {
        let name = Self.names[typeURL] ?? typeURL.rawValue
        let labels = [("type", name)]
        return OfType(
            pushes: Counter(label: "pilot_xds_pushes", dimensions: labels, factory: factory),
            size: Recorder(
                label: "pilot_xds_config_size_bytes", dimensions: [("type", typeURL.rawValue)], aggregate: true,
                factory: factory),
            time: Timer(label: "pilot_xds_push_time", dimensions: labels, factory: factory),
            rejects: Counter(label: "pilot_total_xds_rejects", dimensions: labels, factory: factory),
            expiredNonces: Counter(label: "pilot_xds_expired_nonce", dimensions: labels, factory: factory))
    }
}
