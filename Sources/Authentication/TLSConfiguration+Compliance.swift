import KubernetesModel
import NIOSSL

extension TLSConfiguration {
    /// Takes away what a policy forbids. Which cipher TLS 1.3 uses is the library's choice: AES-GCM wherever the machine
    /// computes AES itself.
    mutating func comply(with policy: CompliancePolicy?) {
        guard let policy else { return }
        minimumTLSVersion = policy.minimumVersion == .tls13 ? .tlsv13 : .tlsv12
        maximumTLSVersion = policy.maximumVersion == .tls13 ? .tlsv13 : .tlsv12
        cipherSuites = CompliancePolicy.cipherSuites.joined(separator: ":")
        curves = policy.keyAgreements.map { NIOTLSCurve(rawValue: $0.rawValue) }
    }
}
