package import CertificateService
import ControllerRuntime
package import FoundationEssentials
package import KubernetesClient
import KubernetesModel

extension RemoteDuty {
    /// Publishes the mesh's root in other clusters that are looked after from here.
    ///
    /// Where several clusters' control planes look after one they agree there which of them publishes, by a Lease. Where the
    /// account may hold none, as Istio's own reader accounts, the first does that the other cluster's namespace names.
    ///
    /// - Parameter home: Of the own cluster.
    package static func roots(
        _ settings: RootPublishing.Settings, authority: MeshAuthority, home: KubernetesClient,
        now: @escaping @Sendable () -> Date
    ) -> RemoteDuty {
        RemoteDuty(name: .roots, need: .roots) { site, claim in
            let contest = claim == .any ? site.contest(about: .roots) : nil
            @Sendable func publish(isElectedThere: Bool) async throws {
                let place = RemotePublishing(
                    clusterID: site.clusterID, client: site.client, isElectedThere: isElectedThere,
                    contest: isElectedThere ? nil : contest
                ) { holder, isHere in
                    if isHere, !isElectedThere, site.duties.all[.roots] == .contested { return }
                    site.duties.note(.roots, isHere ? .here : .elsewhere(holder))
                }
                try await RootPublishing(
                    settings, authority: authority, client: home, in: place, now: now, logger: site.logger
                ).run()
            }
            let lease = ObjectKey(
                namespace: settings.election.namespace, name: RootPublishing.remotePublisherLease)
            var unelected: (@Sendable () async throws -> Void)? = { try await publish(isElectedThere: false) }
            if case .behind(let other) = claim {
                unelected = {
                    site.duties.note(.roots, .namedFirst(other))
                    await OneTime().wait()
                }
            }
            try await site.agree(by: .election(by: lease), unelected: unelected) {
                try await publish(isElectedThere: true)
            }
        }
    }
}
