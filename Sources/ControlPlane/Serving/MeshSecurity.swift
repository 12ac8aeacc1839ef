package import Authentication
import CertificateAuthority
package import CertificateService
package import DebugPages
package import FoundationEssentials
package import KubernetesClient
package import KubernetesModel
package import Logging

/// What secures the ports of one replica, made once its root is there.
package struct MeshSecurity: Sendable {
    /// What the TLS ports present; has to run, to be replaced in time.
    package let certificate: ServingCertificate
    /// What the port of webhooks presents. It follows another root when it is told to, and has to run too.
    package let webhookCertificate: ServingCertificate
    /// Of clients on the TLS port.
    package let authenticator: WorkloadAuthenticator
    /// Signs for workloads on the TLS port.
    package let certificates: CertificateService
    /// Who may look at what below `/debug`.
    package let debugAccess: DebugAccess

    /// - Parameters:
    ///   - authority: The mesh's: signs, and says whose certificates count.
    ///   - settings: Of the authority.
    ///   - namespace: Of the control plane.
    ///   - names: DNS names beside those of its Services.
    ///   - trustDomains: The mesh's own first, then those it was known by before.
    ///   - fetcher: Fetches the keys of those whose tokens count by a rule.
    ///   - clusterID: Of the own cluster.
    ///   - otherClusters: Who reviews tokens of another one; nil: it is not of the mesh.
    ///   - otherPods: The Pods of another cluster; nil: nobody can be asked there.
    ///   - compliance: What the TLS ports are held to besides; nil: nothing.
    ///   - client: Asks about tokens and rights.
    ///   - now: The wall clock.
    /// - Throws: When no certificate can be issued.
    package init(
        _ authority: MeshAuthority, settings: AuthoritySettings = AuthoritySettings(), namespace: String,
        revision: String, trustDomains: @escaping @Sendable () -> [String], names: [String] = [],
        fetcher: any KeySetFetching = HTTPKeySetFetcher(limits: .verified), clusterID: String = "",
        otherClusters: @escaping @Sendable (String) -> (any TokenReviewing)? = { _ in nil },
        otherPods: @escaping @Sendable (String) -> (any PodDirectory)? = { _ in nil },
        compliance: CompliancePolicy? = nil, client: KubernetesClient,
        now: @escaping @Sendable () -> Date, logger: Logger
    ) throws {
        let seconds: @Sendable () -> Double = { now().timeIntervalSince1970 }
        let tokens = CachedTokenReviews(TokenReviewer(client: client), now: seconds)
        let names = ServingCertificate.names(namespace: namespace, revision: revision, others: names)
        certificate = try ServingCertificate(
            root: authority.material, names: names, compliance: compliance, now: now, logger: logger)
        webhookCertificate = try ServingCertificate(
            root: authority.material, names: names, compliance: compliance, now: now, logger: logger)
        let proofs: any TokenReviewing =
            settings.tokenRule.map { rule in
                RuledTokens(rule, fetcher: fetcher, others: tokens, now: seconds, logger: logger)
            } ?? tokens
        authenticator = WorkloadAuthenticator(
            tokens: proofs, clusterID: clusterID, otherClusters: otherClusters,
            trustDomain: trustDomains().first ?? "", isRevoked: { authority.isRevoked($0) },
            now: seconds, logger: logger)
        certificates = CertificateService(
            authority, authenticator: authenticator,
            impersonation: settings.trustedNodeAccounts.isEmpty
                ? nil
                : NodeImpersonation(
                    trusted: settings.trustedNodeAccounts, pods: APIPodDirectory(client: client),
                    otherClusters: otherPods),
            external: settings.external.map { KubernetesSigner($0, client: client, logger: logger) },
            policy: CertificatePolicy(lifetimes: settings.lifetimes, trustDomains: trustDomains), now: now,
            logger: logger)
        let certificate = certificate
        authority.onChange { certificate.use($0) }
        debugAccess = DebugAccess(
            tokens: tokens, access: CachedAccessReviews(AccessReviewer(client: client), now: seconds))
    }
}
