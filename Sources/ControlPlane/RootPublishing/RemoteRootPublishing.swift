import FoundationEssentials
import KubernetesClient
import Logging

/// Where the root is published besides the own cluster, and how it is agreed who does.
struct RemotePublishing: Sendable {
    var site: RemoteSite
    /// Control planes of several clusters agree there; else the replicas of this one do, at home.
    var isElectedThere: Bool
    /// Nil: nobody else publishes.
    var contest: PublishingContest?
}

extension RemoteDuty {
    /// Publishes the mesh's root in other clusters that are looked after from here.
    ///
    /// Where several clusters' control planes look after one they agree there which of them publishes, by a Lease. Where the
    /// account may hold none, as Istio's own reader accounts, the first does that the other cluster's namespace names.
    ///
    /// - Parameter home: Of the own cluster.
    static func roots(
        _ configuration: ControlPlaneConfiguration, authority: MeshAuthority, home: KubernetesClient,
        now: @escaping @Sendable () -> Date
    ) -> RemoteDuty {
        RemoteDuty(need: .roots) { site, claim in
            @Sendable func publish(isElectedThere: Bool, _ contest: PublishingContest? = nil) async throws {
                let place = RemotePublishing(site: site, isElectedThere: isElectedThere, contest: contest)
                try await RootPublishing(
                    configuration, authority: authority, client: home, in: place, now: now, logger: site.logger
                ).run()
            }
            let election = RemoteNeed.election(in: configuration.namespace)
            guard let isElected = await site.permissions.waitForVerdict(on: election) else { return }
            if !isElected {
                let contest = claim.contest(site.logger)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    if claim.publishesUnelected { group.addTask { try await publish(isElectedThere: false, contest) } }
                    group.addTask { _ = await site.permissions.waitForVerdict(on: election, true) }
                    defer { group.cancelAll() }
                    try await group.next()
                }
            }
            guard !Task.isCancelled else { return }
            try await publish(isElectedThere: true)
        }
    }
}

extension RemoteClaim {
    /// What is said where control planes cannot agree.
    private static let advice =
        "name one cluster in annotation \(RemoteControl.annotation), or let the account hold Leases, as the ClusterRole of"
        + " reader accounts of this version does"

    /// Whether it is this control plane that publishes where none can be elected.
    fileprivate var publishesUnelected: Bool {
        if case .behind = self { false } else { true }
    }

    /// What ends a quarrel where it is not said who publishes. Says who does, if it is another one.
    fileprivate func contest(_ logger: Logger) -> PublishingContest? {
        switch self {
        case .first: return nil
        case .any: return PublishingContest(advice: Self.advice, logger: logger)
        case .behind(let other):
            logger.warning(
                "The mesh's root is left to another cluster's control plane to publish, for they cannot agree there",
                metadata: ["publisher": "\(other)", "instead": "\(Self.advice)"])
            return nil
        }
    }
}
