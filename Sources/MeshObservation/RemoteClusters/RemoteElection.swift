package import CertificateService

/// Leases in other clusters, by which control planes agree who does what there.
package enum RemoteLease {
    /// Of whoever tells API servers whom the webhooks' servers of a revision are known by.
    ///
    /// Control planes of several revisions look after webhooks of their own, beside each other.
    package static func webhooks(revision: String) -> String {
        let name = "istio-remote-webhook-controller-election"
        return revision.isEmpty || revision == "default" ? name : "\(name)-\(revision)"
    }
}

extension RemoteSite {
    /// Does something by a Lease there as soon as the account may hold one, as Istio's own reader accounts may not; until
    /// then in another way.
    ///
    /// - Parameters:
    ///   - election: The rights to hold the Lease.
    ///   - unelected: Ended once a Lease can be held; nil: nothing is done without.
    ///   - elected: Stands for the Lease.
    package func agree(
        by election: RemoteNeed, unelected: (@Sendable () async throws -> Void)?,
        elected: @Sendable () async throws -> Void
    ) async throws {
        guard let mayBeElected = await permissions.waitForVerdict(on: election) else { return }
        if !mayBeElected {
            try await withThrowingTaskGroup(of: Void.self) { group in
                if let unelected { group.addTask { try await unelected() } }
                group.addTask { _ = await permissions.waitForVerdict(on: election, true) }
                defer { group.cancelAll() }
                try await group.next()
            }
        }
        guard !Task.isCancelled else { return }
        try await elected()
    }

    /// Ends a quarrel about something where it is not said who does it.
    package func contest(about duty: RemoteDutyName) -> PublishingContest {
        PublishingContest(advice: RemoteClaim.advice, logger: logger) { [duties] in duties.note(duty, .contested) }
    }
}

extension RemoteClaim {
    /// What is said where control planes cannot agree.
    static let advice =
        "name one cluster in annotation \(RemoteControl.annotation), or let the account hold Leases, as the ClusterRole of"
        + " reader accounts of this version does"
}
