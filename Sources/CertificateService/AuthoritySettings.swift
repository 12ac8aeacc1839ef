package import Authentication
package import CertificateAuthority
import KubernetesModel

/// How the certificate authority works, in the words of Istio's environment.
///
/// ```
/// DEFAULT_WORKLOAD_CERT_TTL, MAX_WORKLOAD_CERT_TTL       24h, 2160h   certificates of workloads
/// CITADEL_SELF_SIGNED_CA_CERT_TTL                        87600h       the root that is made here
/// CITADEL_SELF_SIGNED_CA_RSA_KEY_SIZE                    (unset)      2048, 3072 or 4096: an RSA root; unset: ECDSA P-256
/// CITADEL_SELF_SIGNED_ROOT_CERT_CHECK_INTERVAL           1h           how often its end is looked at
/// CITADEL_SELF_SIGNED_ROOT_CERT_GRACE_PERIOD_PERCENTILE  20           of its life: from then on it is replaced
/// CA_TRUSTED_NODE_ACCOUNTS                               (none)       NAMESPACE/NAME,…: may ask for Pods on their node
/// JWT_RULE                                               (none)       see ``WorkloadTokenRule``
/// ```
/// Signers of Kubernetes: see ``ExternalSigning``.
package struct AuthoritySettings: Hashable, Sendable {
    package var lifetimes = LifetimePolicy()
    /// Of the root that is made here.
    package var rootLifetime: Duration = .seconds(3650 * 86_400)
    /// Of the root that is made here, in bits; nil: it is an ECDSA P-256 key.
    package var rootRSABits: Int?
    package var rootCheckInterval: Duration = .seconds(3600)
    /// The share of the root's life, at its end, in which it is replaced.
    package var rootGrace = 0.2
    /// `NAMESPACE/NAME` of ServiceAccounts that may ask for certificates of Pods on their node.
    package var trustedNodeAccounts: Set<String> = []
    /// Signs instead of the mesh's own authority; nil: nobody does.
    package var external: ExternalSigning?
    /// Whose tokens count besides those of the API server; nil: nobody's.
    package var tokenRule: WorkloadTokenRule?

    package init() {}

    /// Reads what is set. What makes no sense counts as not set.
    ///
    /// - Parameter report: Told what was not understood, a sentence each.
    package init(environment: [String: String], report: @escaping (String) -> Void = { _ in }) {
        let reader = Reader(environment: environment, report: report)
        lifetimes = LifetimePolicy(
            standard: reader.duration("DEFAULT_WORKLOAD_CERT_TTL") ?? lifetimes.standard,
            maximum: reader.duration("MAX_WORKLOAD_CERT_TTL") ?? lifetimes.maximum)
        rootLifetime = reader.duration("CITADEL_SELF_SIGNED_CA_CERT_TTL") ?? rootLifetime
        rootCheckInterval = reader.duration("CITADEL_SELF_SIGNED_ROOT_CERT_CHECK_INTERVAL") ?? rootCheckInterval
        rootRSABits = reader.number("CITADEL_SELF_SIGNED_CA_RSA_KEY_SIZE", from: [2048, 3072, 4096])
        if let share = reader.number("CITADEL_SELF_SIGNED_ROOT_CERT_GRACE_PERIOD_PERCENTILE", from: Array(0...100)) {
            rootGrace = Double(share) / 100
        }
        external = ExternalSigning(environment: environment)
        tokenRule = WorkloadTokenRule(environment: environment, report: report)
        let accounts = (environment["CA_TRUSTED_NODE_ACCOUNTS"] ?? "").split(separator: ",")
        for account in accounts.map({ $0.filter { !$0.isWhitespace } }) where !account.isEmpty {
            let parts = account.split(separator: "/", omittingEmptySubsequences: false)
            if parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) {
                trustedNodeAccounts.insert(account)
            } else {
                report("CA_TRUSTED_NODE_ACCOUNTS: \"\(account)\" is no NAMESPACE/NAME of a ServiceAccount")
            }
        }
    }

    private struct Reader {
        let environment: [String: String]
        let report: (String) -> Void

        func duration(_ name: String) -> Duration? {
            guard let text = environment[name], !text.isEmpty else { return nil }
            if let duration = Duration(goText: text), duration >= .seconds(1) { return duration }
            report("\(name): \"\(text)\" is no duration of a second or more: give one such as 24h or 30m")
            return nil
        }

        func number(_ name: String, from values: [Int]) -> Int? {
            guard let text = environment[name], !text.isEmpty else { return nil }
            if let number = Int(text), values.contains(number) { return number }
            let possible = values.count > 5 ? "\(values.min() ?? 0) to \(values.max() ?? 0)" : "\(values)"
            report("\(name): \"\(text)\" is not possible: give one of \(possible)")
            return nil
        }
    }
}
