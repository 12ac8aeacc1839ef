import KubernetesModel

/// What TLS is limited to where a policy counts, as `tls_params`; what is there under none.
func parameters(of policy: CompliancePolicy?, or written: JSONValue?) -> JSONValue? {
    switch policy {
    case nil: return written
    // Envoy has a policy of its own for this one.
    case .fips1403?:
        var parameters = written ?? [:]
        parameters["compliance_policies"] = ["FIPS_202205"]
        return parameters
    case .fips1402?, .postQuantum?:
        guard let policy else { return written }
        return [
            "tls_minimum_protocol_version": .string(version(policy.minimumVersion)),
            "tls_maximum_protocol_version": .string(version(policy.maximumVersion)),
            "cipher_suites": JSONValue(CompliancePolicy.cipherSuites),
            "ecdh_curves": JSONValue(policy.keyAgreements.map(\.name)),
        ]
    }
}

private func version(_ version: CompliancePolicy.Version) -> String { version == .tls13 ? "TLSv1_3" : "TLSv1_2" }
