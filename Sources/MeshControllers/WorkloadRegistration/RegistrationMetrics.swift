import Metrics

/// Istio's counts of machines that register themselves.
package struct RegistrationMetrics: Sendable {
    /// What backends of metrics can be told that swift-metrics cannot say: help texts.
    package static let descriptions: [(name: String, help: String, buckets: [Double]?)] = [
        ("auto_registration_success_total", "WorkloadEntries that were made for proxies.", nil),
        ("auto_registration_updates_total", "WorkloadEntries that proxies came back to.", nil),
        ("auto_registration_unregister_total", "WorkloadEntries whose proxies went.", nil),
        ("auto_registration_deletes_total", "WorkloadEntries that were removed after their proxies.", nil),
        ("auto_registration_errors_total", "Proxies that may not have the WorkloadEntry they ask for.", nil),
    ]

    let made: Counter
    let updated: Counter
    let ended: Counter
    let removed: Counter
    let refused: Counter

    init(_ factory: any MetricsFactory = MetricsSystem.factory) {
        func counter(_ name: String) -> Counter { Counter(label: "auto_registration_\(name)_total", factory: factory) }
        made = counter("success")
        updated = counter("updates")
        ended = counter("unregister")
        removed = counter("deletes")
        refused = counter("errors")
    }
}
