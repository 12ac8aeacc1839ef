import ControllerRuntime
package import KubernetesClient
package import KubernetesModel
package import Logging
import Synchronization

/// Watches all that the mesh is made of, and hands changes to an inbox.
package final class MeshObserver: Sendable {
    private let context: WatchedKind.Context
    private let meshConfig: ObjectKey
    private let installed: InstalledKinds
    private let builtIn = Mutex<[APIResource]>([])
    private let synced = OneTime()

    /// - Parameters:
    ///   - clusterID: Of the control plane's own cluster.
    ///   - client: Of that cluster.
    ///   - inbox: Where changes go.
    ///   - meshConfig: The ConfigMap with the mesh's settings.
    package init(
        clusterID: String, client: KubernetesClient, inbox: ChangeInbox, meshConfig: ObjectKey, logger: Logger
    ) {
        context = WatchedKind.Context(client: client, inbox: inbox, logger: logger, clusterID: clusterID)
        self.meshConfig = meshConfig
        installed = InstalledKinds(WatchedKind.installable, context)
    }

    /// Waits until the first lists of all kinds are in the inbox.
    package func waitUntilSynced() async { await synced.wait() }

    /// The kinds that are watched while they are installed, and are.
    package var installedKinds: Set<GroupKind> { installed.kinds }

    /// The same, as they are served.
    package var installedResources: [APIResource] { installed.resources }

    /// The kinds of Kubernetes itself that are watched, as they are served.
    package var servedResources: [APIResource] { builtIn.withLock { $0 } }

    /// Watches until cancelled.
    package func run() async throws {
        guard let api = await discover() else { return }
        let kinds = WatchedKind.builtIn(servedBy: api, meshConfig: meshConfig)
        builtIn.withLock { $0 = kinds.map(\.resource) }
        let observations = kinds.map { $0.observe(context) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for observation in observations { group.addTask { try await observation.run() } }
            group.addTask { try await self.installed.run() }
            group.addTask {
                for observation in observations { await observation.waitUntilSynced() }
                await self.installed.waitUntilSynced()
                if !Task.isCancelled { self.synced.happen() }
            }
            defer { group.cancelAll() }
            try await group.waitForAll()
        }
    }

    /// What the server has; asks until it is told. Nil once cancelled.
    private func discover() async -> DiscoveredAPI? {
        var failures = 0
        while !Task.isCancelled {
            do {
                let api = try await context.client.discover()
                // Not now is not never: without an answer the older form of endpoints would be taken for the only one.
                guard let problem = api.unavailable.first(where: { $0.key.group == "discovery.k8s.io" }) else {
                    return api
                }
                throw DiscoveryProblem(version: problem.key, problem: problem.value)
            } catch {
                if Task.isCancelled { return nil }
                let delay = Backoff.reconnect.delay(afterFailures: failures, jitter: .random(in: 0...1))
                failures += 1
                context.logger.warning(
                    "Cannot ask the API server what it has", metadata: ["error": "\(error)", "after": "\(delay)"])
                try? await Task.sleep(for: delay)
            }
        }
        return nil
    }
}

/// A version of a group that matters could not be asked about.
private struct DiscoveryProblem: Error, CustomStringConvertible {
    var version: GroupVersion
    var problem: String

    var description: String { "\(version) cannot be asked about: \(problem)" }
}
