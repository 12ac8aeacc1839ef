package import Metrics

/// Istio's metrics of requests to others, for the exchange of tokens; what they mean is told with those of certificates.
package struct TokenMetrics: Sendable {
    private let requests: Counter
    private let retries: Counter
    private let failures: Counter
    private let latency: FloatingPointCounter

    /// Metrics of this backend; by default the program's.
    package init(_ factory: any MetricsFactory = MetricsSystem.factory) {
        let labels = [("request_type", "token_exchange")]
        requests = Counter(label: "num_outgoing_requests", dimensions: labels, factory: factory)
        retries = Counter(label: "num_outgoing_retries", dimensions: labels, factory: factory)
        failures = Counter(label: "num_failed_outgoing_requests", dimensions: labels, factory: factory)
        latency = FloatingPointCounter(label: "outgoing_latency", dimensions: labels, factory: factory)
    }

    func asked(isRetry: Bool, took duration: Duration, succeeded: Bool) {
        requests.increment()
        if isRetry { retries.increment() }
        if !succeeded { failures.increment() }
        latency.increment(by: duration / .milliseconds(1))
    }
}
