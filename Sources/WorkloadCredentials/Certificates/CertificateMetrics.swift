import AgentRuntime
import CertificateAuthority
import FoundationEssentials
package import Metrics
import X509

/// Istio's metrics of an agent's certificates.
package struct CertificateMetrics: Sendable {
    /// What backends can be told that swift-metrics cannot say.
    package static let descriptions: [(name: String, help: String, buckets: [Double]?)] = [
        ("cert_expiry_seconds", "Seconds until the certificate ends; below zero: it has.", nil),
        ("num_outgoing_requests", "Requests to the certificate authority, and to who exchanges tokens.", nil),
        ("num_outgoing_retries", "Such requests after one that failed.", nil),
        ("num_failed_outgoing_requests", "Such requests that failed.", nil),
        ("outgoing_latency", "Milliseconds that such requests took, all together.", nil),
        ("num_file_watcher_failures_total", "Files with certificates that could not be read.", nil),
        ("num_file_secret_failures_total", "Files with certificates of which no secret could be made.", nil),
    ]

    private let factory: any MetricsFactory
    private let requests: Counter
    private let retries: Counter
    private let failures: Counter
    private let latency: FloatingPointCounter
    private let watchFailures: Counter
    private let secretFailures: Counter

    /// Metrics of this backend; by default the program's.
    package init(_ factory: any MetricsFactory = MetricsSystem.factory) {
        self.factory = factory
        let labels = [("request_type", "csr")]
        requests = Counter(label: "num_outgoing_requests", dimensions: labels, factory: factory)
        retries = Counter(label: "num_outgoing_retries", dimensions: labels, factory: factory)
        failures = Counter(label: "num_failed_outgoing_requests", dimensions: labels, factory: factory)
        latency = FloatingPointCounter(label: "outgoing_latency", dimensions: labels, factory: factory)
        watchFailures = Counter(label: "num_file_watcher_failures_total", factory: factory)
        secretFailures = Counter(label: "num_file_secret_failures_total", factory: factory)
    }

    func asked(isRetry: Bool, took duration: Duration, succeeded: Bool) {
        requests.increment()
        if isRetry { retries.increment() }
        if !succeeded { failures.increment() }
        latency.increment(by: duration / .milliseconds(1))
    }

    /// Files do not make a secret.
    func fileFailed(_ error: any Error) {
        secretFailures.increment()
        if error is FileProblem { watchFailures.increment() }
    }

    /// Tells how long certificates are good for.
    func note(_ identity: WorkloadIdentity, now: Date) {
        expiry(of: "default").record(identity.notAfter.timeIntervalSince(now).rounded())
        if let first = identity.roots.certificates.map(\.notValidAfter).min() {
            expiry(of: "ROOTCA").record(first.timeIntervalSince(now).rounded())
        }
    }

    /// Of what is not there yet nothing is told: it would have ended.
    private func expiry(of name: String) -> Gauge {
        Gauge(label: "cert_expiry_seconds", dimensions: [("resource_name", name)], factory: factory)
    }
}
