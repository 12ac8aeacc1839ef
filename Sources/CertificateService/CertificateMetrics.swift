import CertificateAuthority
import FoundationEssentials
package import Metrics
import X509

/// Istio's metrics of the certificate authority.
package final class CertificateMetrics: Sendable {
    /// What backends of metrics can be told that swift-metrics cannot say: help texts.
    package static let descriptions: [(name: String, help: String, buckets: [Double]?)] = [
        ("citadel_server_csr_count", "Requests for certificates.", nil),
        ("citadel_server_success_cert_issuance_count", "Certificates issued.", nil),
        ("citadel_server_authentication_failure_count", "Requests of callers that are not known.", nil),
        ("citadel_server_id_extraction_err_count", "Requests of callers that may not have what they ask for.", nil),
        ("citadel_server_csr_parsing_err_count", "Requests that could not be read or verified.", nil),
        ("citadel_server_csr_sign_err_count", "Requests that were good and could not be signed.", nil),
        ("citadel_server_root_cert_expiry_timestamp", "When the root ends, seconds since 1970.", nil),
        ("citadel_server_root_cert_expiry_seconds", "Seconds until the root ends.", nil),
        ("citadel_server_cert_chain_expiry_timestamp", "When the signing chain ends, seconds since 1970.", nil),
        ("citadel_server_cert_chain_expiry_seconds", "Seconds until the signing chain ends.", nil),
    ]

    let requests: Counter
    let issued: Counter
    let authenticationFailures: Counter
    let refusals: Counter
    let parsingErrors: Counter
    private let factory: any MetricsFactory
    private let expiries: (rootTime: Gauge, rootSeconds: Gauge, chainTime: Gauge, chainSeconds: Gauge)

    /// Metrics of this backend; by default the program's.
    package init(_ factory: any MetricsFactory = MetricsSystem.factory) {
        self.factory = factory
        func counter(_ name: String) -> Counter { Counter(label: "citadel_server_\(name)", factory: factory) }
        func gauge(_ name: String) -> Gauge { Gauge(label: "citadel_server_\(name)", factory: factory) }
        requests = counter("csr_count")
        issued = counter("success_cert_issuance_count")
        authenticationFailures = counter("authentication_failure_count")
        refusals = counter("id_extraction_err_count")
        parsingErrors = counter("csr_parsing_err_count")
        expiries = (
            gauge("root_cert_expiry_timestamp"), gauge("root_cert_expiry_seconds"),
            gauge("cert_chain_expiry_timestamp"), gauge("cert_chain_expiry_seconds")
        )
    }

    /// A request could not be signed.
    ///
    /// - Parameter error: Istio's word for why: `TTL_ERROR`, `CERT_GEN_ERROR`, …
    func signingFailed(_ error: String) {
        Counter(label: "citadel_server_csr_sign_err_count", dimensions: [("error", error)], factory: factory)
            .increment()
    }

    /// Tells when what signs now ends.
    func tell(_ material: CAMaterial, now: Date) {
        let chain = ([material.certificate] + material.intermediates).map(\.notValidAfter).min()
        let root = material.root?.notValidAfter ?? chain
        guard let chain, let root else { return }
        expiries.rootTime.record(root.timeIntervalSince1970)
        expiries.rootSeconds.record(root.timeIntervalSince(now))
        expiries.chainTime.record(chain.timeIntervalSince1970)
        expiries.chainSeconds.record(chain.timeIntervalSince(now))
    }
}
