package import EnvoyTranslator
package import MeshModel

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
        let strangers = proxies.values.count { proxy in
            !proxy.said.addresses.contains { snapshot.workloads[$0] != nil }
        }
        return ConnectedMesh(
            snapshot: snapshot, settings: settings, groups: groups, strangers: strangers, cache: memo.counts)
    }
}
