package import DiscoveryServer
import KubernetesModel
import MeshModel
import Synchronization
import XDSServer

/// Puts image pull secrets into the configuration of the plug-ins that name them.
///
/// ```
///   inner source ──► configuration of a plug-in that names a Secret ─┐
///   Secrets of the plug-in's namespace ──────────────────────────────┴► with its content, for this stream alone
///   only if: the proxy has proven to be a workload of that namespace
/// ```
/// What proxies share never holds a Secret's content. A plug-in of another namespace, which is the root namespace, comes
/// without: its Secret is for its own namespace's proxies.
package final class PullSecretSource: SnapshotSource {
    private struct Follower {
        /// That the client has proven to be of; nil: none.
        var namespace: String?
        /// What the inner source has given last.
        var inner: ResourceCache
        /// The plug-ins' configurations that were last sent, and what they were made of.
        var filled = ResourceSnapshot.empty
        var origin = ResourceSnapshot.empty
        /// Names of Secrets of the client's namespace.
        var names: Set<String> = []
        var isRetained = false
        var updates: AsyncStream<ResourceCache>.Continuation
    }

    private struct State {
        var followers: [UInt64: Follower] = [:]
        var last: UInt64 = 0
    }

    private let source: any SnapshotSource
    private let secrets: any SecretReading
    private let state = Mutex(State())

    /// - Parameters:
    ///   - source: Gives everything else.
    ///   - secrets: Those of type `kubernetes.io/dockerconfigjson`.
    package init(_ source: any SnapshotSource, secrets: any SecretReading) {
        self.source = source
        self.secrets = secrets
        secrets.onChange { [weak self] namespace, name in self?.secretChanged(in: namespace, name) }
    }

    package func subscribe(_ client: DiscoveryClient) async throws -> SnapshotSubscription {
        let inner = try await source.subscribe(client)
        let (updates, continuation) = AsyncStream.makeStream(
            of: ResourceCache.self, bufferingPolicy: .bufferingNewest(1))
        let id = state.withLock { state in
            state.last += 1
            state.followers[state.last] = Follower(
                namespace: client.verifiedWorkload?.namespace, inner: inner.current, updates: continuation)
            return state.last
        }
        let task = Task { [weak self] in
            for await cache in inner.updates { self?.innerChanged(id, cache) }
            continuation.finish()
        }
        continuation.onTermination = { [weak self] _ in
            task.cancel()
            self?.leave(id)
        }
        let current = cache(of: id, inner.current)
        return SnapshotSubscription(current: current, updates: updates)
    }

    private func leave(_ id: UInt64) {
        let follower = state.withLock { $0.followers.removeValue(forKey: id) }
        if let namespace = follower?.namespace, follower?.isRetained == true { secrets.release(namespace) }
    }

    private func innerChanged(_ id: UInt64, _ cache: ResourceCache) {
        let sent = self.cache(of: id, cache)
        state.withLock { $0.followers[id]?.updates }?.yield(sent)
    }

    private func secretChanged(in namespace: String, _ name: String?) {
        let changed = state.withLock { state in
            state.followers.filter { _, follower in
                follower.namespace == namespace && (name.map(follower.names.contains) ?? !follower.names.isEmpty)
            }
        }
        for (id, follower) in changed {
            state.withLock { $0.followers[id]?.origin = .empty }
            follower.updates.yield(cache(of: id, follower.inner))
        }
    }

    /// What a stream is sent.
    private func cache(of id: UInt64, _ inner: ResourceCache) -> ResourceCache {
        let origin = inner[.extensionConfig]
        let found = state.withLock { state -> Follower? in
            state.followers[id]?.inner = inner
            return state.followers[id]
        }
        guard let follower = found, !origin.isEmpty || !follower.filled.isEmpty else { return inner }
        if origin == follower.origin { return inner.replacing(follower.filled) }
        let references = origin.resources.compactMap { resource in
            PluginSecret.reference(in: resource).map { (resource, $0) }
        }
        let names = Set(references.filter { $0.1.namespace == follower.namespace }.map(\.1.name))
        if let namespace = follower.namespace, !names.isEmpty {
            retain(id, namespace)
            // What is not known yet is not told to be missing.
            if !secrets.isSynced(namespace) {
                state.withLock { $0.followers[id]?.names = names }
                return inner.replacing(follower.filled.isEmpty ? nil : follower.filled)
            }
        }
        let replaced = references.map { resource, reference in
            PluginSecret.filled(resource, with: content(of: reference, for: follower.namespace))
        }
        let base = follower.filled.replacing(with: origin.resources)
        let filled = references.isEmpty ? origin : base.applying(updates: replaced)
        state.withLock { state in
            state.followers[id]?.names = names
            state.followers[id]?.filled = filled
            state.followers[id]?.origin = origin
        }
        return inner.replacing(filled)
    }

    private func retain(_ id: UInt64, _ namespace: String) {
        let isNew = state.withLock { state in
            guard state.followers[id]?.isRetained == false else { return false }
            state.followers[id]?.isRetained = true
            return true
        }
        if isNew { secrets.retain(namespace) }
    }

    private func content(of reference: (namespace: String, name: String), for namespace: String?) -> String {
        guard reference.namespace == namespace else { return "" }
        let key = ObjectKey(namespace: reference.namespace, name: reference.name)
        return secrets.secret(key)?[.dockerConfig].flatMap { String(validating: $0, as: UTF8.self) } ?? ""
    }
}

extension ResourceCache {
    /// With these configurations of plug-ins; nil: they are not known.
    fileprivate func replacing(_ configurations: ResourceSnapshot?) -> ResourceCache {
        var snapshots = snapshots
        snapshots[.extensionConfig] = configurations
        return ResourceCache(snapshots)
    }
}
