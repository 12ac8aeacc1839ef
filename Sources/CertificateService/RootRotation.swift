import CertificateAuthority
import ControllerRuntime
import FoundationEssentials
import KubernetesClient
import KubernetesModel
import Logging

/// Replaces a self-signed root before it ends, by way of a time in which both are trusted: one replica of all, the leader.
///
/// Where a root is in its succession is written in its Secret, so that every leader goes on where the last one stopped.
struct RootRotation: Sendable {
    private let policy: SuccessionPolicy
    private let checkInterval: Duration
    private let namespace: String
    private let client: KubernetesClient
    private let now: @Sendable () -> Date
    private let logger: Logger

    init(
        _ policy: SuccessionPolicy, checkInterval: Duration, namespace: String, client: KubernetesClient,
        now: @escaping @Sendable () -> Date, logger: Logger
    ) {
        self.policy = policy
        self.checkInterval = checkInterval
        self.namespace = namespace
        self.client = client
        self.now = now
        self.logger = logger
    }

    /// Does what is due, until cancelled.
    func run() async {
        var failures = 0
        while !Task.isCancelled {
            let delay: Duration
            do {
                delay = try await advance()
                failures = 0
            } catch {
                if Task.isCancelled { return }
                delay = min(
                    checkInterval, Backoff.reconnect.delay(afterFailures: failures, jitter: .random(in: 0...1)))
                failures += 1
                logger.warning("Cannot look after the mesh root", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: delay)
        }
    }

    /// Does what is due now, and says after how long to look again.
    private func advance() async throws -> Duration {
        let plugged = ObjectKey(namespace: namespace, name: MeshRoot.pluggedInSecret)
        let key = ObjectKey(namespace: namespace, name: MeshRoot.selfSignedSecret)
        if try await client.find(.secrets, plugged) != nil { return checkInterval }
        guard let live = try await client.find(.secrets, key) else { return checkInterval }
        let step = try AuthoritySecret(live).succession(now: now()).step(now: now(), policy: policy)
        switch step {
        case .unchanged(let until):
            return min(checkInterval, max(.seconds(1), .seconds(until.timeIntervalSince(now()))))
        case .announced, .promoted, .retired:
            break
        }
        guard let change = step.change else { return checkInterval }
        var object = live
        object.json["data"] = change.secretData.base64
        // With the version that was read: whoever changed it meanwhile is not overrun.
        _ = try await client.update(.secrets, object, fieldManager: "pilot-discovery")
        logger.info("Mesh root", metadata: ["step": "\(step.name)", "secret": "\(key)"])
        return .zero
    }
}

extension RootSuccession.Step {
    /// For people who read.
    fileprivate var name: String {
        switch self {
        case .unchanged: "unchanged"
        case .announced: "a new one is trusted from now on"
        case .promoted: "the new one signs from now on"
        case .retired: "old ones are no longer trusted"
        }
    }
}
