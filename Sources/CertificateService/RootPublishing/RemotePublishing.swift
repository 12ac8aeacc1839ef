package import KubernetesClient

/// Where the root is published besides the own cluster, and how it is agreed who does.
package struct RemotePublishing: Sendable {
    var clusterID: String
    /// Of that cluster.
    var client: KubernetesClient
    /// Control planes of several clusters agree there; else the replicas of this one do, at home.
    var isElectedThere: Bool
    /// Nil: nobody else publishes.
    var contest: PublishingContest?
    /// Told who publishes, and whether it is this replica.
    var onHolder: @Sendable (_ holder: String, _ isHere: Bool) -> Void

    /// - Parameters:
    ///   - client: Of that cluster.
    ///   - isElectedThere: Control planes of several clusters agree there; else the replicas of this one do, at home.
    ///   - contest: Nil: nobody else publishes.
    ///   - onHolder: Told who publishes, and whether it is this replica.
    package init(
        clusterID: String, client: KubernetesClient, isElectedThere: Bool, contest: PublishingContest? = nil,
        onHolder: @escaping @Sendable (_ holder: String, _ isHere: Bool) -> Void = { _, _ in }
    ) {
        self.clusterID = clusterID
        self.client = client
        self.isElectedThere = isElectedThere
        self.contest = contest
        self.onHolder = onHolder
    }
}
