import FoundationEssentials
import KubernetesClient

extension RemoteDuty {
    /// Publishes the mesh's root in other clusters that are looked after from here.
    ///
    /// - Parameter home: Of the own cluster.
    static func roots(
        _ configuration: ControlPlaneConfiguration, authority: MeshAuthority, home: KubernetesClient,
        now: @escaping @Sendable () -> Date
    ) -> RemoteDuty {
        RemoteDuty(need: .roots) { site in
            try await RootPublishing(
                configuration, authority: authority, client: home, in: site, now: now, logger: site.logger
            ).run()
        }
    }
}
