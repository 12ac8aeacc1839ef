import Metrics

/// Istio's metrics of the upkeep of webhook configurations.
enum PatchMetrics {
    static let descriptions: [(name: String, help: String, buckets: [Double]?)] = [
        ("webhook_patch_attempts_total", "Writes of fields into webhook configurations that were tried.", nil),
        ("webhook_patch_failures_total", "Writes of fields into webhook configurations that failed.", nil),
        ("webhook_patch_retries_total", "Writes of fields into webhook configurations that are tried again.", nil),
    ]

    static func attempted(_ name: String) {
        Counter(label: "webhook_patch_attempts_total", dimensions: [("name", name)]).increment()
    }

    static func failed(_ name: String, reason: String) {
        Counter(label: "webhook_patch_failures_total", dimensions: [("name", name), ("reason", reason)]).increment()
    }

    static func retried(_ name: String) {
        Counter(label: "webhook_patch_retries_total", dimensions: [("name", name)]).increment()
    }
}
