package import EnvoyTranslator
import KubernetesModel
package import MeshModel
import MeshTranslator

/// A mesh and who is connected to it at a moment: a value, to be looked at without holding anybody up.
package struct ConnectedMesh: Sendable {
    /// Proxies that see the same.
    package struct Group: Sendable {
        package var view: ProxyView
        /// As callers of others; nil: they are told of none.
        package var caller: OutboundTraits?
        package var count: Int
    }

    package var snapshot: MeshSnapshot
    /// Rises with whatever decides which clusters, listeners and routes there are, and not with endpoints that come and go.
    package var rulesRevision: UInt64
    /// Rises whenever there are other groups than before.
    package var groupsRevision: UInt64
    package var settings: TranslationSettings
    package var groups: [Group]
    /// Proxies at whose addresses the mesh knows of no workload.
    package var strangers: Int
    package var cache: CacheCounts
}

/// What was asked of the resources that are kept in their encoded form, ever.
package struct CacheCounts: Hashable, Sendable {
    /// Had been made for somebody before.
    package var hits = 0
    /// Had to be made.
    package var misses = 0
    /// How many somebody has.
    package var kept = 0
    /// Those that nobody had any more.
    package var evictions: Int { misses - kept }
}

extension ProxyResources {
    /// The mesh and all that are connected.
    package var connected: ConnectedMesh {
        let groups = classes.compactMap { key, found -> ConnectedMesh.Group? in
            guard !found.proxies.isEmpty else { return nil }
            let callers = found.plans.compactMap { if case .outbound(let traits) = $0 { traits } else { nil } }
            return ConnectedMesh.Group(view: key.view, caller: callers.first, count: found.proxies.count)
        }
        return ConnectedMesh(
            snapshot: snapshot, rulesRevision: rulesRevision, groupsRevision: groupsRevision, settings: settings,
            groups: groups, strangers: proxies.values.count { !isKnown($0) }, cache: memo.counts)
    }

    /// Whether the mesh knows of a workload where a proxy is. Those that share their node's address are known by what they
    /// serve, or by their Pod.
    private func isKnown(_ proxy: ConnectedProxy) -> Bool {
        if proxy.said.addresses.contains(where: { snapshot.workloads[$0] != nil }) { return true }
        if !proxy.classKey.view.inbound.isEmpty { return true }
        let objects = mesh.objects.remotes[proxy.said.clusterID] ?? mesh.objects
        let pod = objects.pods[ObjectKey(namespace: proxy.said.workloadNamespace, name: proxy.said.name)]
        return pod?.spec?.hostNetwork ?? false
    }
}
