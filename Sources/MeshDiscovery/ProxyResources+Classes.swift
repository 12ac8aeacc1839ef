import EnvoyTranslator
import KubernetesModel
import MeshModel
import XDSServer

extension ProxyResources {
    /// The namespace of a proxy's workload, and the class it belongs to.
    ///
    /// - Parameter whole: The whole mesh, ready for many; nil: only what one proxy needs is looked at.
    mutating func place(
        of said: Proxy, in whole: ViewIndex? = nil
    ) -> (namespace: String, key: ProxyClassKey) {
        counted.views += 1
        let proxy = said.completed(by: snapshot)
        let namespace = snapshot.workload(of: proxy)?.namespace ?? proxy.workloadNamespace
        let view = (whole ?? ViewIndex(index.mesh(snapshot, ofNamespace: namespace))).view(of: proxy)
        return (namespace, ProxyClassKey(view: view, preference: distinctions.preference(of: proxy)))
    }

    /// Makes a proxy a member of a class, which is made if it is not there.
    mutating func join(_ key: ProxyClassKey, _ id: ProxyID) -> ResourceCache {
        var joined = classes[key] ?? makeClass(key)
        if joined.proxies.isEmpty { groupsRevision += 1 }
        joined.proxies.insert(id)
        joined.unusedSince = nil
        classes[key] = joined
        return joined.cache
    }

    mutating func leave(_ key: ProxyClassKey, _ id: ProxyID, now: ContinuousClock.Instant) {
        classes[key]?.proxies.remove(id)
        guard classes[key]?.proxies.isEmpty ?? false else { return }
        classes[key]?.unusedSince = now
        groupsRevision += 1
    }

    private mutating func makeClass(_ key: ProxyClassKey) -> ProxyClass {
        let keys = key.plans(in: snapshot)
        for key in keys { makePlan(key) }
        return ProxyClass(plans: keys, cache: cache(of: keys))
    }

    /// The snapshots of a class: a plan's own where no other plan has resources of the type.
    func cache(of keys: [PlanKey]) -> ResourceCache {
        var snapshots = Dictionary(uniqueKeysWithValues: TypeURL.answered.map { ($0, ResourceSnapshot.empty) })
        // Of two resources with one name the first plan's counts.
        for part in keys.reversed().compactMap(self.snapshots(of:)) {
            for (type, snapshot) in part where !snapshot.isEmpty {
                let other = snapshots[type] ?? .empty
                snapshots[type] = other.isEmpty ? snapshot : snapshot.filled(from: other)
            }
        }
        return ResourceCache(snapshots)
    }

    /// Moves proxies whose view may have changed to the class that is theirs now.
    ///
    /// - Returns: Those that are of another class, with what they had before.
    mutating func updateViews(
        _ difference: MeshDifference, from old: MeshSnapshot, now: ContinuousClock.Instant
    ) -> [ProxyID: ResourceCache] {
        let touched = proxiesTouched(by: difference, from: old)
        let whole = touched.count > 16 ? ViewIndex(snapshot) : nil
        var moved: [ProxyID: ResourceCache] = [:]
        for id in touched {
            guard let proxy = proxies[id] else { continue }
            let (namespace, key) = place(of: proxy.said, in: whole)
            if namespace != proxy.namespace {
                byNamespace.remove(id, at: proxy.namespace)
                byNamespace[namespace, default: []].insert(id)
                proxies[id]?.namespace = namespace
            }
            guard key != proxy.classKey else { continue }
            moved[id] = classes[proxy.classKey]?.cache
            leave(proxy.classKey, id, now: now)
            proxies[id]?.classKey = key
            _ = join(key, id)
        }
        return moved
    }

    private mutating func proxiesTouched(by difference: MeshDifference, from old: MeshSnapshot) -> Set<ProxyID> {
        let made = ProxyDistinctions(snapshot, index)
        let isDistinguishedOtherwise = made != distinctions
        distinctions = made
        if difference.settings || isDistinguishedOtherwise { return Set(proxies.keys) }
        var touched: Set<ProxyID> = []
        for sidecar in difference.configuration where sidecar.groupKind.kind == "Sidecar" {
            if sidecar.key.namespace == snapshot.settings.rootNamespace { return Set(proxies.keys) }
            // A proxy may look at the mesh as another namespace than its workload's does.
            touched.formUnion(proxies.lazy.filter { $0.value.said.namespace == sidecar.key.namespace }.map(\.key))
        }
        for namespace in Set(difference.services.map(\.namespace)) { touched.formUnion(byNamespace[namespace] ?? []) }
        var addresses = difference.workloads
        for key in difference.endpoints {
            let before = Set((old.endpoints[key] ?? .empty).endpoints.map(\.place))
            let after = Set((snapshot.endpoints[key] ?? .empty).endpoints.map(\.place))
            addresses.formUnion(before.symmetricDifference(after).map(\.address))
        }
        for address in addresses { touched.formUnion(byAddress[address] ?? []) }
        return touched
    }
}

extension ResourceSnapshot {
    /// With what another one has and this one has not.
    fileprivate func filled(from other: ResourceSnapshot) -> ResourceSnapshot {
        applying(updates: other.resources.filter { self[$0.name] == nil })
    }
}

extension MeshSnapshot {
    /// What runs where a proxy is.
    fileprivate func workload(of proxy: Proxy) -> Workload? {
        proxy.addresses.lazy.compactMap { workloads[$0] }.first
    }
}

extension Proxy {
    /// With what the mesh knows of its workload: its labels may have changed since it started.
    fileprivate func completed(by snapshot: MeshSnapshot) -> Proxy {
        guard let workload = snapshot.workload(of: self) else { return self }
        var proxy = self
        proxy.labels = workload.labels
        if proxy.locality.isUnknown { proxy.locality = workload.locality }
        if proxy.network.isEmpty { proxy.network = workload.network }
        if proxy.node.isEmpty { proxy.node = workload.node }
        return proxy
    }
}

private struct Place: Hashable {
    var address: String
    var port: Int
}

extension Endpoint {
    fileprivate var place: Place { Place(address: address, port: port) }
}
