import KubernetesModel
import MeshModel
package import Metrics
import Synchronization

/// Istio's metrics of what the mesh is, and of how changes get to the proxies.
///
/// ```
/// pilot_services, pilot_virt_services           what there is
/// pilot_inbound_updates{type}                   changes of objects: config, eds, svc, svcdelete
/// pilot_k8s_{cfg,reg}_events{type,event}        the same by kind, of configuration and of what makes the mesh
/// pilot_debounce_time                           how long changes waited for others
/// pilot_push_triggers{type}                     changes after which proxies had something new
/// pilot_pushcontext_init_seconds                what it took to compute what they mean
/// pilot_total_xds_internal_errors               resources that could not be made
/// apus_faulty_objects{kind}                     objects that say something wrong
/// ```
package final class MeshMetrics: Sendable {
    /// What backends can be told that swift-metrics cannot say: help texts, and the bounds of histograms.
    package static let descriptions: [(name: String, help: String, buckets: [Double]?)] = [
        ("pilot_services", "Services of the mesh.", nil),
        ("pilot_virt_services", "VirtualServices of the mesh.", nil),
        ("pilot_inbound_updates", "Changes of objects.", nil),
        ("pilot_k8s_cfg_events", "Changes of objects that configure the mesh.", nil),
        ("pilot_k8s_reg_events", "Changes of objects that the mesh is made of.", nil),
        ("pilot_push_triggers", "Changes after which proxies were sent something.", nil),
        (
            "pilot_debounce_time", "Time that changes wait for others to come.",
            [0.01, 0.1, 1, 3, 5, 10, 20, 30]
        ),
        ("pilot_pushcontext_init_seconds", "Time to compute what changes mean.", [0.01, 0.1, 0.5, 1, 3, 5]),
        ("pilot_total_xds_internal_errors", "Resources that could not be made.", nil),
        ("apus_faulty_objects", "Objects that say something wrong.", nil),
    ]

    private let factory: any MetricsFactory
    private let services: Gauge
    private let virtualServices: Gauge
    private let errors: Counter
    private let debounce: Metrics.Timer
    private let computation: Metrics.Timer
    private let faulty = Mutex<[String: Gauge]>([:])
    private let counters = Mutex<[[String]: Counter]>([:])

    /// Metrics of this backend; by default the program's.
    package init(_ factory: any MetricsFactory = MetricsSystem.factory) {
        self.factory = factory
        services = Gauge(label: "pilot_services", factory: factory)
        virtualServices = Gauge(label: "pilot_virt_services", factory: factory)
        errors = Counter(label: "pilot_total_xds_internal_errors", factory: factory)
        debounce = Timer(label: "pilot_debounce_time", factory: factory)
        computation = Timer(label: "pilot_pushcontext_init_seconds", factory: factory)
    }

    func count(_ snapshot: MeshSnapshot) { services.record(snapshot.services.count) }

    func count(_ configuration: some Sequence<ObjectReference>) {
        virtualServices.record(configuration.count { $0.groupKind.kind == "VirtualService" })
    }

    func applied(_ changes: [ChangeKind], waited: Duration, took: Duration, hasWoken: Bool) {
        for change in changes {
            count("pilot_inbound_updates", [("type", change.update)])
            if let event = change.event { count(event.metric, [("type", event.type), ("event", event.name)]) }
            if hasWoken { count("pilot_push_triggers", [("type", change.trigger)]) }
        }
        debounce.record(duration: waited)
        computation.record(duration: took)
    }

    private func count(_ name: String, _ labels: [(String, String)]) {
        let key = [name] + labels.map(\.1)
        let counter = counters.withLock { counters in
            if let known = counters[key] { return known }
            let made = Counter(label: name, dimensions: labels, factory: factory)
            counters[key] = made
            return made
        }
        counter.increment()
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
