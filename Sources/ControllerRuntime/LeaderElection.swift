package import FoundationEssentials
package import KubernetesClient
import KubernetesModel
package import Logging

/// As whom, and where, a replica stands for its Leases.
package struct LeaderElection: Hashable, Sendable {
    /// Of the Leases.
    package var namespace: String
    /// Unique among the replicas, such as the Pod's name.
    package var identity: String
    /// How long a leader may be silent, and how often it speaks.
    package var timing: LeaseTiming

    package init(namespace: String, identity: String, timing: LeaseTiming = .standard) {
        self.namespace = namespace
        self.identity = identity
        self.timing = timing
    }

    /// Runs something on one replica of all: whichever holds a Lease.
    ///
    /// - Parameters:
    ///   - lease: Its name.
    ///   - holder: Who holds it; nil: this replica's own name.
    ///   - now: The wall clock.
    ///   - onHolder: Told at every look at the Lease who holds it, itself too.
    ///   - body: Returns when cancelled.
    package func elector(
        _ lease: String, as holder: String? = nil, client: KubernetesClient, now: @escaping @Sendable () -> Date,
        logger: Logger, onHolder: @escaping @Sendable (String) -> Void = { _ in },
        body: @escaping @Sendable () async throws -> Void
    ) -> LeaderElector {
        LeaderElector(
            client: client, lease: ObjectKey(namespace: namespace, name: lease), identity: holder ?? identity,
            timing: timing, wallClock: { Int64(now().timeIntervalSince1970 * 1_000_000) }, logger: logger,
            onHolder: onHolder, body: body)
    }
}
