/// What a standard leaves of TLS: for the control plane's ports, the agents that call them, and every proxy.
///
/// The control plane is told by its environment, and hands it on to the proxies that it injects. A policy is about what
/// peers agree on. Whether the cryptography of a program is a validated module is decided where the program is built.
package enum CompliancePolicy: String, Hashable, Sendable, CaseIterable {
    /// TLS 1.2 alone, with AES-GCM and keys that are agreed on over P-256.
    case fips1402 = "fips-140-2"
    /// TLS 1.2 and 1.3, with AES-GCM and keys that are agreed on over P-256 or P-384.
    case fips1403 = "fips-140-3"
    /// TLS 1.3 alone, with keys that a quantum computer would not find.
    case postQuantum = "pqc"

    /// A version of TLS.
    package enum Version: Hashable, Sendable { case tls12, tls13 }

    /// How keys are agreed on, by the number that TLS gives it.
    package enum KeyAgreement: UInt16, Hashable, Sendable {
        case p256 = 23
        case p384 = 24
        case x25519MLKEM768 = 0x11ec

        /// As Envoy calls it.
        package var name: String {
            switch self {
            case .p256: "P-256"
            case .p384: "P-384"
            case .x25519MLKEM768: "X25519MLKEM768"
            }
        }
    }

    /// The environment variable that names it.
    package static let variable = "COMPLIANCE_POLICY"

    /// The policy that an environment names; nil if it names none.
    package init?(environment: [String: String]) throws(UnknownCompliancePolicy) {
        guard let name = environment[Self.variable], !name.isEmpty else { return nil }
        guard let policy = Self(rawValue: name) else { throw UnknownCompliancePolicy(name: name) }
        self = policy
    }

    package var minimumVersion: Version { self == .postQuantum ? .tls13 : .tls12 }
    package var maximumVersion: Version { self == .fips1402 ? .tls12 : .tls13 }

    /// What is allowed where a connection comes down to TLS 1.2, by OpenSSL's names.
    package static let cipherSuites = [
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES256-GCM-SHA384",
    ]

    /// The best first.
    package var keyAgreements: [KeyAgreement] {
        switch self {
        case .fips1402: [.p256]
        case .fips1403: [.p256, .p384]
        case .postQuantum: [.x25519MLKEM768]
        }
    }
}

/// The environment asks for a policy that nobody here knows. To go on without one would be the worst that can be done.
package struct UnknownCompliancePolicy: Error, Hashable, Sendable, CustomStringConvertible {
    package var name: String

    package var description: String {
        let known = CompliancePolicy.allCases.map(\.rawValue).joined(separator: ", ")
        return "the environment variable \(CompliancePolicy.variable) is \"\(name)\", which is no policy: give one of "
            + "\(known), or leave it empty for none"
    }
}
