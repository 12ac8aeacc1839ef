import Metrics

/// Istio's metrics of the upkeep of webhook configurations.
enum PatchMetrics {
    static let descriptions: [(name: String, help: String, buckets: [Double]?)] = [
        ("webhook_patch_attempts_total", "Writes of fields into webhook configurations that were tried.", nil),
        ("webhook_patch_failures_total", "Writes of fields into webhook configurations that failed.", nil),
        ("webhook_patch_retries_total", "Writes of fields into webhook configurations that are tried again.", nil),
        ("galley_validation_config_updates", "Writes into configurations of validating webhooks.", nil),
        ("galley_validation_config_update_error", "Writes into those that failed.", nil),
    ]

    static func attempted(_ reference: WebhookReference) {
        Counter(label: "webhook_patch_attempts_total", dimensions: [("name", reference.name)]).increment()
    }

    static func succeeded(_ reference: WebhookReference) {
        if reference.isValidating { Counter(label: "galley_validation_config_updates").increment() }
    }

    static func failed(_ reference: WebhookReference, reason: String) {
        let reason = ("reason", reason)
        Counter(label: "webhook_patch_failures_total", dimensions: [("name", reference.name), reason]).increment()
        guard reference.isValidating else { return }
        Counter(label: "galley_validation_config_update_error", dimensions: [reason]).increment()
    }

    static func retried(_ reference: WebhookReference) {
        Counter(label: "webhook_patch_retries_total", dimensions: [("name", reference.name)]).increment()
    }
}
