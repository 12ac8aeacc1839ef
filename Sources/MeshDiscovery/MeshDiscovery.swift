package import DiscoveryServer
package import EnvoyTranslator
import GRPCCore
package import KubernetesModel
package import Logging
package import MeshModel
package import MeshTranslator
package import XDSServer

/// Gives each stream what its proxy is sent, and wakes it when that changes.
///
/// An actor: while a large change is computed, streams that ask wait without holding a thread.
package actor MeshDiscovery: SnapshotSource {
    private struct Follower {
        var nodeID: String
        var updates: AsyncStream<ResourceCache>.Continuation
        var due = DuePush()
    }

    private var resources: ProxyResources
    private var followers: [ProxyID: Follower] = [:]
    private var told: [ObjectReference: [Diagnostic]] = [:]
    private var diagnosed: (@Sendable (ObjectReference) -> Void)?
    private let metrics: MeshMetrics
    private let memory = FreedMemory()
    private let logger: Logger

    package init(
        settings: MeshSettings, translation: TranslationSettings = .init(), metrics: MeshMetrics = MeshMetrics(),
        logger: Logger
    ) {
        resources = ProxyResources(MeshTranslation(settings: settings), settings: translation)
        self.metrics = metrics
        self.logger = logger
    }

    // MARK: - Streams

    package func subscribe(_ client: DiscoveryClient) throws -> SnapshotSubscription {
        let proxy: Proxy
        do {
            proxy = try Proxy(ProxyNode(client.node))
        } catch {
            throw RPCError(code: .invalidArgument, message: "\(error)")
        }
        let (updates, continuation) = AsyncStream.makeStream(
            of: ResourceCache.self, bufferingPolicy: .bufferingNewest(1))
        let (id, current) = resources.connect(proxy)
        memory.isUsed(now: .now)
        let follower = Follower(nodeID: proxy.id, updates: continuation)
        followers[id] = follower
        continuation.onTermination = { [weak self] _ in
            Task { [weak self] in await self?.disconnect(id) }
        }
        tellFailures()
        return SnapshotSubscription(current: current, updates: updates, due: follower.due)
    }

    private func disconnect(_ id: ProxyID) {
        followers[id] = nil
        resources.disconnect(id, now: .now)
    }

    // MARK: - Changes

    /// Takes changes of objects over and wakes the proxies that they touch.
    ///
    /// - Parameter since: When the first of them was seen.
    package func apply(_ changes: [ObjectChange], since: ContinuousClock.Instant) {
        let start = ContinuousClock.now
        // What was there before tells an addition from a change.
        let kinds = changes.map { ChangeKind($0, isNew: !resources.mesh.objects.has($0)) }
        let woken = resources.apply(changes, now: start)
        for id in woken {
            guard let follower = followers[id], let cache = resources.resources(of: id) else { continue }
            follower.due.note(DuePush.Moment(changed: since, due: .now))
            follower.updates.yield(cache)
        }
        let end = ContinuousClock.now
        metrics.applied(kinds, waited: start - since, took: end - start, hasWoken: !woken.isEmpty)
        metrics.count(resources.snapshot)
        if changes.contains(where: \.isConfiguration) { metrics.count(objects.configuration.keys) }
        if let diagnosed {
            for case .configuration(let object, _) in changes where diagnostics[object] != nil { diagnosed(object) }
        }
        tellDiagnostics()
        tellFailures()
        if !woken.isEmpty {
            logger.debug(
                "Proxies have something new",
                metadata: ["proxies": "\(woken.count)", "changes": "\(changes.count)", "took": "\(end - start)"])
        }
    }

    /// Calls back for every object about which something else is wrong than before, or nothing any more, and for one that
    /// changed while something is wrong with it.
    package func onDiagnosed(_ call: @escaping @Sendable (ObjectReference) -> Void) { diagnosed = call }

    /// Forgets what nobody was sent for so long.
    package func forget(unusedFor duration: Duration) {
        resources.dropClasses(unusedSince: .now - duration)
    }

    private func tellDiagnostics() {
        let found = resources.diagnostics
        guard found != told else { return }
        for (object, diagnostics) in found.sorted(by: { $0.key < $1.key }) where told[object] != diagnostics {
            logger.warning(
                "An object does not say what it should; the others count",
                metadata: [
                    "object": "\(object)",
                    "problems": "\(diagnostics.map { "\($0.path): \($0.message)" }.joined(separator: "; "))",
                ])
        }
        if let diagnosed {
            for object in Set(told.keys).union(found.keys) where told[object] != found[object] { diagnosed(object) }
        }
        told = found
        metrics.faulty(found)
    }

    private func tellFailures() {
        for failure in resources.takeFailures() {
            metrics.failed()
            logger.error(
                "A resource cannot be encoded, the last one that could stays",
                metadata: [
                    "type": "\(failure.typeURL)", "name": "\(failure.name)", "error": "\(failure.problem)",
                ])
        }
    }

    // MARK: - What people may look at

    package var snapshot: MeshSnapshot { resources.snapshot }
    package var connected: ConnectedMesh { resources.connected }
    package var objects: ClusterObjects { resources.mesh.objects }
    package var diagnostics: [ObjectReference: [Diagnostic]] { resources.diagnostics }
    package var work: DiscoveryWork { resources.work }
    package var proxyCount: Int { resources.proxyCount }
    package var classCount: Int { resources.classCount }

    /// What a connected proxy is sent; nil if no such proxy is connected. Of several with one id the newest counts.
    package func resources(ofProxy nodeID: String) -> ResourceCache? {
        newest(nodeID).flatMap { resources.resources(of: $0) }
    }

    /// What a connected proxy can see; nil if no such proxy is connected.
    package func view(ofProxy nodeID: String) -> ProxyView? {
        newest(nodeID).flatMap { resources.classKey(of: $0)?.view }
    }

    /// What a connected proxy can see, and the Sidecar that says so; nil if no such proxy is connected.
    package func scope(ofProxy nodeID: String) -> ProxyScope? {
        guard let id = newest(nodeID), let proxy = resources.proxies[id] else { return nil }
        var asked = proxy.said
        asked.namespace = proxy.namespace
        let sidecar = ViewIndex(snapshot).sidecar(for: asked)
        return ProxyScope(view: proxy.classKey.view, sidecar: sidecar?.origin.reference)
    }

    /// What is kept in its encoded form.
    package var keptResources: [KeptResource] { resources.memo.all }

    private func newest(_ nodeID: String) -> ProxyID? {
        followers.filter { $0.value.nodeID == nodeID }.keys.max { $0.number < $1.number }
    }
}

extension ObjectChange {
    fileprivate var isConfiguration: Bool { if case .configuration = self { true } else { false } }
}
