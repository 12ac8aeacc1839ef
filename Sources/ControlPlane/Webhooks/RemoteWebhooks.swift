import AdmissionWebhook
import CertificateAuthority
import CertificateService
import ControllerRuntime
import FoundationEssentials
import KubernetesClient
import KubernetesModel
import MeshObservation

extension RemoteDuty {
    /// Has API servers of other clusters that are looked after from here trust this control plane's server of webhooks.
    ///
    /// Control planes of several clusters that look after one agree there which of them does, by a Lease for each
    /// revision. Where the account may hold none:
    /// - the first that the other cluster's namespace names writes its root whatever is there,
    /// - those behind it write theirs where nobody else's is,
    /// - those that nobody named give way to one who changes it back again and again.
    ///
    /// - Parameter listening: The server answers.
    static func webhooks(
        _ configuration: ControlPlaneConfiguration, authority: MeshAuthority, once listening: OneTime,
        now: @escaping @Sendable () -> Date
    ) -> RemoteDuty {
        RemoteDuty(name: .webhooks, need: .webhooks) { site, claim in
            await listening.wait()
            guard !Task.isCancelled else { return }
            @Sendable func tell(
                _ mayOverwrite: @escaping @Sendable (WebhookConfiguration, CABundle) -> Bool
            ) async throws {
                let upkeep = WebhookUpkeep(
                    configuration.webhooks, trustBundlePEM: authority.material.rootCertificatePEM,
                    namespace: configuration.namespace, overlap: configuration.webhookRoots.overlap,
                    isProving: false, mayOverwrite: mayOverwrite, client: site.client, logger: site.logger)
                let listener = authority.onChange { [weak upkeep] material in
                    upkeep?.use(trustBundlePEM: material.rootCertificatePEM)
                }
                defer { listener.end() }
                upkeep.use(trustBundlePEM: authority.material.rootCertificatePEM)
                try await upkeep.run()
            }
            let lease = ObjectKey(
                namespace: configuration.namespace, name: RemoteLease.webhooks(revision: configuration.revision))
            // Pods of different clusters have the same names.
            let holder = "\(configuration.clusterID)/\(configuration.identity)"
            let unelected: @Sendable () async throws -> Void = {
                switch claim {
                case .first:
                    site.duties.note(.webhooks, .here)
                    try await tell { _, _ in true }
                case .behind(let other):
                    site.duties.note(.webhooks, .namedFirst(other))
                    try await tell { _, _ in false }
                case .any:
                    site.duties.note(.webhooks, .here)
                    let contest = site.contest(about: .webhooks)
                    try await tell { contest.mayWrite($1.text, over: $0.version, of: $0.reference) }
                }
            }
            try await site.agree(by: .election(by: lease), unelected: unelected) {
                try await configuration.election.elector(
                    lease.name, as: holder, client: site.client, now: now, logger: site.logger,
                    onHolder: { site.duties.note(.webhooks, $0 == holder ? .here : .elsewhere($0)) }
                ) {
                    try await tell { _, _ in true }
                }.run()
            }
        }
    }
}
