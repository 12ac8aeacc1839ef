import CertificateAuthority
package import FoundationEssentials
package import KubernetesClient
package import Logging

/// What secures the ports of one replica, made once its root is there.
package struct MeshSecurity: Sendable {
    /// What the TLS ports present; has to run, to be replaced in time.
    package let certificate: ServingCertificate
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
    ///   - client: Asks about tokens and rights.
    ///   - now: The wall clock.
    /// - Throws: When no certificate can be issued.
    package init(
        _ authority: MeshAuthority, settings: AuthoritySettings = AuthoritySettings(), namespace: String,
        revision: String, trustDomains: @escaping @Sendable () -> [String], names: [String] = [],
        client: KubernetesClient, now: @escaping @Sendable () -> Date, logger: Logger
    ) throws {
        let seconds: @Sendable () -> Double = { now().timeIntervalSince1970 }
        let tokens = CachedTokenReviews(TokenReviewer(client: client), now: seconds)
        certificate = try ServingCertificate(
            root: authority.material,
            names: ServingCertificate.names(namespace: namespace, revision: revision, others: names),
            now: now, logger: logger)
        authenticator = WorkloadAuthenticator(
            tokens: tokens, trustDomain: trustDomains().first ?? "", isRevoked: { authority.isRevoked($0) },
            now: seconds, logger: logger)
        certificates = CertificateService(
            authority, authenticator: authenticator,
            impersonation: settings.trustedNodeAccounts.isEmpty
                ? nil : NodeImpersonation(trusted: settings.trustedNodeAccounts, pods: APIPodDirectory(client: client)),
            external: settings.external.map { KubernetesSigner($0, client: client, logger: logger) },
            policy: CertificatePolicy(lifetimes: settings.lifetimes, trustDomains: trustDomains), now: now,
            logger: logger)
        let certificate = certificate
        authority.onChange { certificate.use($0) }
        debugAccess = DebugAccess(
            tokens: tokens, access: CachedAccessReviews(AccessReviewer(client: client), now: seconds))
    }
}
