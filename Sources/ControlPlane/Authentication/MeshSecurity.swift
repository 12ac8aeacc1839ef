package import CertificateAuthority
package import FoundationEssentials
package import KubernetesClient
package import Logging

/// What secures the ports of one replica, made once its root is there.
package struct MeshSecurity: Sendable {
    /// What the TLS ports present; has to run, to be replaced in time.
    package let certificate: ServingCertificate
    /// Of xDS clients on the TLS port.
    package let authenticator: WorkloadAuthenticator
    /// Who may look at what below `/debug`.
    package let debugAccess: DebugAccess

    /// - Parameters:
    ///   - root: The mesh's: signs, and says whose certificates count.
    ///   - namespace: Of the control plane.
    ///   - names: DNS names beside those of its Services.
    ///   - client: Asks about tokens and rights.
    ///   - now: The wall clock.
    /// - Throws: When no certificate can be issued.
    package init(
        root: CAMaterial, namespace: String, revision: String, trustDomain: String, names: [String] = [],
        client: KubernetesClient, now: @escaping @Sendable () -> Date, logger: Logger
    ) throws {
        let seconds: @Sendable () -> Double = { now().timeIntervalSince1970 }
        let tokens = CachedTokenReviews(TokenReviewer(client: client), now: seconds)
        certificate = try ServingCertificate(
            root: root, names: ServingCertificate.names(namespace: namespace, revision: revision, others: names),
            now: now, logger: logger)
        authenticator = WorkloadAuthenticator(tokens: tokens, trustDomain: trustDomain, now: seconds, logger: logger)
        debugAccess = DebugAccess(
            tokens: tokens, access: CachedAccessReviews(AccessReviewer(client: client), now: seconds))
    }
}
