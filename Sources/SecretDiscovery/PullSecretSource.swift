import Authentication
package import DiscoveryServer
import KubernetesModel
import MeshModel
import XDSServer

/// Puts image pull secrets into the configuration of the plug-ins that name them.
///
/// ```
///   inner source ──► configuration of a plug-in that names a Secret ─┐
///   Secrets of the plug-in's namespace ──────────────────────────────┴► with its content, for this stream alone
///   only if: the proxy has proven to be a workload of that namespace
/// ```
/// What proxies share never holds a Secret's content. A plug-in of another namespace, which is the root namespace,
/// comes without: its Secret is for its own namespace's proxies.
package actor PullSecretSource: SnapshotSource {
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

    private let source: any SnapshotSource
    private let secrets: any SecretReading
    private var followers: [UInt64: Follower] = [:]
    private var last: UInt64 = 0

    /// - Parameters:
    ///   - source: Gives everything else.
    ///   - secrets: Those of type `kubernetes.io/dockerconfigjson`.
    package init(_ source: any SnapshotSource, secrets: any SecretReading) {
        self.source = source
        self.secrets = secrets
        secrets.onChange { [weak self] namespace, name in
            Task { [weak self] in await self?.secretChanged(in: namespace, name) }
        }
    }

    package func subscribe(_ client: DiscoveryClient) async throws -> SnapshotSubscription {
        let inner = try await source.subscribe(client)
        let (updates, continuation) = AsyncStream.makeStream(
            of: ResourceCache.self, bufferingPolicy: .bufferingNewest(1))
        last += 1
        let id = last
        followers[id] = Follower(
            namespace: client.verifiedWorkload?.namespace, inner: inner.current, updates: continuation)
        let task = Task { [weak self] in
            for await cache in inner.updates { await self?.innerChanged(id, cache) }
            continuation.finish()
        }
        continuation.onTermination = { [weak self] _ in
            task.cancel()
            Task { [weak self] in await self?.leave(id) }
        }
        return SnapshotSubscription(current: cache(of: id), updates: updates, due: inner.due)
    }

    private func leave(_ id: UInt64) {
        guard let follower = followers.removeValue(forKey: id) else { return }
        if let namespace = follower.namespace, follower.isRetained { secrets.release(namespace) }
    }

    private func innerChanged(_ id: UInt64, _ cache: ResourceCache) {
        followers[id]?.inner = cache
        followers[id]?.updates.yield(self.cache(of: id))
    }

    private func secretChanged(in namespace: String, _ name: String?) {
        for (id, follower) in followers
        where follower.namespace == namespace && (name.map(follower.names.contains) ?? !follower.names.isEmpty) {
            followers[id]?.origin = .empty
            follower.updates.yield(cache(of: id))
        }
    }

    /// What a stream is sent.
    private func cache(of id: UInt64) -> ResourceCache {
        guard var follower = followers[id] else { return ResourceCache() }
        let inner = follower.inner
        let origin = inner[.extensionConfig]
        guard !origin.isEmpty || !follower.filled.isEmpty else { return inner }
        if origin == follower.origin { return inner.replacing(follower.filled) }
        let references = origin.resources.compactMap { resource in
            PluginSecret.reference(in: resource).map { (resource, $0) }
        }
        follower.names = Set(references.filter { $0.1.namespace == follower.namespace }.map(\.1.name))
        if let namespace = follower.namespace, !follower.names.isEmpty {
            let isNew = !follower.isRetained
            follower.isRetained = true
            followers[id] = follower
            if isNew { secrets.retain(namespace) }
            // What is not known yet is not told to be missing.
            if !secrets.isSynced(namespace) {
                return inner.replacing(follower.filled.isEmpty ? nil : follower.filled)
            }
        }
        let replaced = references.map { resource, reference in
            PluginSecret.filled(resource, with: content(of: reference, for: follower.namespace))
        }
        let base = follower.filled.replacing(with: origin.resources)
        follower.filled = references.isEmpty ? origin : base.applying(updates: replaced)
        follower.origin = origin
        followers[id] = follower
        return inner.replacing(follower.filled)
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
