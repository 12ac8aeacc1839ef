import EnvoyAPI
import KubernetesModel

/// Envoy's messages have a type of the same name.
typealias MeshCompliancePolicy = CompliancePolicy

extension Envoy_Extensions_TransportSockets_Tls_V3_TlsParameters {
    /// Takes away what a policy forbids, and says what it leaves where nothing was said: a proxy's own defaults go further.
    ///
    /// Comes last, for nothing that is configured counts more.
    mutating func comply(with policy: MeshCompliancePolicy?) {
        guard let policy else { return }
        // Envoy has a policy of its own for this one, which reaches the ciphers of TLS 1.3 and signatures too.
        guard policy != .fips1403 else {
            compliancePolicies = [.fips202205]
            return
        }
        tlsMinimumProtocolVersion = policy.minimumVersion == .tls13 ? .tlsv13 : .tlsv12
        tlsMaximumProtocolVersion = policy.maximumVersion == .tls13 ? .tlsv13 : .tlsv12
        let allowed = cipherSuites.filter { MeshCompliancePolicy.cipherSuites.contains($0) }
        cipherSuites = allowed.isEmpty ? MeshCompliancePolicy.cipherSuites : allowed
        ecdhCurves = policy.keyAgreements.map(\.name)
    }
}
