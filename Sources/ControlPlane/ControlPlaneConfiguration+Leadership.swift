import ControllerRuntime
import FoundationEssentials
import KubernetesClient
import KubernetesModel
import Logging

extension ControlPlaneConfiguration {
    /// Runs something on one replica of all: whichever holds a Lease of the control plane's namespace.
    ///
    /// - Parameters:
    ///   - lease: Its name.
    ///   - holder: Who holds it; nil: this replica's own name.
    ///   - now: The wall clock.
    ///   - body: Returns when cancelled.
    func leader(
        _ lease: String, as holder: String? = nil, client: KubernetesClient, now: @escaping @Sendable () -> Date,
        logger: Logger, body: @escaping @Sendable () async throws -> Void
    ) -> LeaderElector {
        LeaderElector(
            client: client, lease: ObjectKey(namespace: namespace, name: lease), identity: holder ?? identity,
            timing: leaseTiming, wallClock: { Int64(now().timeIntervalSince1970 * 1_000_000) }, logger: logger,
            body: body)
    }
}
