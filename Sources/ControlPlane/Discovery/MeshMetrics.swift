import KubernetesModel
import MeshModel
package import Metrics
import Synchronization

/// Istio's metrics of what the mesh is, and of how changes get to the proxies.
///
/// ```
/// pilot_services, pilot_virt_services           what there is
/// pilot_inbound_updates, pilot_debounce_time    changes of objects, and how long they waited for others
/// pilot_pushcontext_init_seconds                what it took to compute what they mean
/// pilot_proxy_convergence_time                  from the change to the proxy's stream
/// pilot_total_xds_internal_errors               resources that could not be made
/// apus_faulty_objects{kind}                     objects that say something wrong
/// ```
package final class MeshMetrics: Sendable {
    /// What backends can be told that swift-metrics cannot say: help texts, and the bounds of histograms.
    package static let descriptions: [(name: String, help: String, buckets: [Double]?)] = [
        ("pilot_services", "Services of the mesh.", nil),
        ("pilot_virt_services", "VirtualServices of the mesh.", nil),
        ("pilot_inbound_updates", "Changes of objects.", nil),
        (
            "pilot_debounce_time", "Time that changes wait for others to come.",
            [0.01, 0.1, 1, 3, 5, 10, 20, 30]
        ),
        ("pilot_pushcontext_init_seconds", "Time to compute what changes mean.", [0.01, 0.1, 0.5, 1, 3, 5]),
        (
            "pilot_proxy_convergence_time", "Time from a change to the stream of a proxy that it is for.",
            [0.1, 0.5, 1, 3, 5, 10, 20, 30]
        ),
        ("pilot_total_xds_internal_errors", "Resources that could not be made.", nil),
        ("apus_faulty_objects", "Objects that say something wrong.", nil),
    ]

    private let factory: any MetricsFactory
    private let services: Gauge
    private let virtualServices: Gauge
    private let updates: Counter
    private let errors: Counter
    private let debounce: Metrics.Timer
    private let computation: Metrics.Timer
    private let convergence: Metrics.Timer
    private let faulty = Mutex<[String: Gauge]>([:])

    /// Metrics of this backend; by default the program's.
    package init(_ factory: any MetricsFactory = MetricsSystem.factory) {
        self.factory = factory
        services = Gauge(label: "pilot_services", factory: factory)
        virtualServices = Gauge(label: "pilot_virt_services", factory: factory)
        updates = Counter(label: "pilot_inbound_updates", factory: factory)
        errors = Counter(label: "pilot_total_xds_internal_errors", factory: factory)
        debounce = Timer(label: "pilot_debounce_time", factory: factory)
        computation = Timer(label: "pilot_pushcontext_init_seconds", factory: factory)
        convergence = Timer(label: "pilot_proxy_convergence_time", factory: factory)
    }

    func count(_ snapshot: MeshSnapshot) { services.record(snapshot.services.count) }

    func count(_ configuration: some Sequence<ObjectReference>) {
        virtualServices.record(configuration.count { $0.groupKind.kind == "VirtualService" })
    }

    func applied(changes: Int, waited: Duration, took: Duration) {
        updates.increment(by: changes)
        debounce.record(duration: waited)
        computation.record(duration: took)
    }

    func woke(_ proxies: Int, after duration: Duration) {
        for _ in 0..<proxies { convergence.record(duration: duration) }
    }

    func failed() { errors.increment() }

    func faulty(_ diagnostics: [ObjectReference: [Diagnostic]]) {
        let counts = Dictionary(grouping: diagnostics.keys, by: \.groupKind.kind).mapValues(\.count)
        faulty.withLock { gauges in
            for kind in Set(gauges.keys).union(counts.keys) {
                let gauge =
                    gauges[kind] ?? Gauge(label: "apus_faulty_objects", dimensions: [("kind", kind)], factory: factory)
                gauges[kind] = gauge
                gauge.record(counts[kind] ?? 0)
            }
        }
    }
}
