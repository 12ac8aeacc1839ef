import CertificateAuthority
import FoundationEssentials
package import Metrics
import X509

/// Istio's metrics of an agent's certificates.
package struct CertificateMetrics: Sendable {
    /// What backends can be told that swift-metrics cannot say.
    package static let descriptions: [(name: String, help: String, buckets: [Double]?)] = [
        ("cert_expiry_seconds", "Seconds until the certificate ends; below zero: it has.", nil),
        ("num_outgoing_requests", "Requests to the certificate authority.", nil),
        ("num_outgoing_retries", "Requests to the certificate authority after one that failed.", nil),
        ("num_failed_outgoing_requests", "Requests to the certificate authority that failed.", nil),
        ("outgoing_latency", "Time of a request to the certificate authority.", [0.01, 0.1, 1, 10]),
        ("num_file_watcher_failures_total", "Files with certificates that could not be used.", nil),
    ]

    private let requests: Counter
    private let retries: Counter
    private let failures: Counter
    private let latency: Metrics.Timer
    private let expiry: Gauge
    private let rootExpiry: Gauge
    private let fileFailures: Counter

    /// Metrics of this backend; by default the program's.
    package init(_ factory: any MetricsFactory = MetricsSystem.factory) {
        let labels = [("request_type", "csr")]
        requests = Counter(label: "num_outgoing_requests", dimensions: labels, factory: factory)
        retries = Counter(label: "num_outgoing_retries", dimensions: labels, factory: factory)
        failures = Counter(label: "num_failed_outgoing_requests", dimensions: labels, factory: factory)
        latency = Timer(label: "outgoing_latency", dimensions: labels, factory: factory)
        expiry = Gauge(label: "cert_expiry_seconds", dimensions: [("resource_name", "default")], factory: factory)
        rootExpiry = Gauge(label: "cert_expiry_seconds", dimensions: [("resource_name", "ROOTCA")], factory: factory)
        fileFailures = Counter(label: "num_file_watcher_failures_total", factory: factory)
    }

    func asked(isRetry: Bool, took duration: Duration, succeeded: Bool) {
        requests.increment()
        if isRetry { retries.increment() }
        if !succeeded { failures.increment() }
        latency.record(duration: duration)
    }

    func fileFailed() { fileFailures.increment() }

    /// Tells how long certificates are good for.
    func note(_ identity: WorkloadIdentity, now: Date) {
        expiry.record(identity.notAfter.timeIntervalSince(now).rounded())
        if let first = identity.roots.certificates.map(\.notValidAfter).min() {
            rootExpiry.record(first.timeIntervalSince(now).rounded())
        }
    }
}
