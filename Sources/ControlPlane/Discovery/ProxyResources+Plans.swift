import EnvoyTranslator
import MeshModel
import XDSServer

/// What a difference means to plans.
struct Impact {
    /// Plans are made anew, whole.
    var isWide: Bool
    /// Services whose endpoints alone have changed.
    var endpoints: Set<ServiceKey> = []
    /// Of those, the ones that are served by others than before.
    var clusters: Set<ServiceKey> = []

    init(_ difference: MeshDifference, from old: MeshSnapshot, to new: MeshSnapshot) {
        isWide = difference.settings || !difference.services.isEmpty || !difference.configuration.isEmpty
        for key in difference.endpoints {
            // The endpoints of all others are part of clusters and listeners.
            if new.services[key.service]?.resolution != .endpoints { isWide = true }
            endpoints.insert(key.service)
            if old.endpoints[key]?.identities ?? [] != new.endpoints[key]?.identities ?? [] {
                clusters.insert(key.service)
            }
        }
    }

    var isEmpty: Bool { !isWide && endpoints.isEmpty }
}

extension ProxyResources {
    /// Brings all plans and the classes that have them up to date.
    ///
    /// - Returns: The proxies that are sent something else because of it.
    mutating func updatePlans(_ impact: Impact, from old: MeshSnapshot) -> Set<ProxyID> {
        guard !impact.isEmpty else { return [] }
        var edits: [PlanKey: ResourceEdits] = [:]
        let keys = Array(plans.keys)
        let withEndpoints = index.mesh(snapshot, like: impact.endpoints)
        let withClusters = index.mesh(snapshot, like: impact.clusters)
        for key in keys {
            let edit = impact.isWide ? replan(key) : patch(key, impact, withEndpoints, withClusters)
            if let edit, !edit.isEmpty { edits[key] = edit }
        }
        if impact.isWide, snapshot.configuration.clientLabelKeys != old.configuration.clientLabelKeys {
            return regroup()
        }
        return edits.isEmpty ? [] : updateClasses(edits)
    }

    /// Plans that were not there before.
    mutating func makePlan(_ key: PlanKey) {
        guard plans[key] == nil else { return }
        plans[key] = PlannedResources()
        _ = replan(key)
    }

    mutating func dropUnusedPlans() {
        let used = Set(classes.values.lazy.flatMap(\.plans))
        for key in plans.keys where !used.contains(key) { plans[key] = nil }
    }

    private mutating func replan(_ key: PlanKey) -> ResourceEdits? {
        counted.plans += 1
        let inputs = inputs(of: key, in: snapshot)
        return plans[key]?.replace(with: inputs, &memo)
    }

    private mutating func patch(
        _ key: PlanKey, _ impact: Impact, _ withEndpoints: MeshSnapshot, _ withClusters: MeshSnapshot
    ) -> ResourceEdits? {
        switch key {
        case .endpoints:
            counted.patches += 1
            let endpoints = inputs(of: key, in: withEndpoints)
            return plans[key]?.patch(with: endpoints, &memo)
        case .outbound(let traits):
            guard !impact.clusters.isEmpty else { return nil }
            counted.patches += 1
            let clusters = outboundPlan(for: traits, in: withClusters, settings: settings).clusters
            return plans[key]?.patch(with: clusters, &memo)
        case .inbound: return nil
        }
    }

    private func inputs(of key: PlanKey, in snapshot: MeshSnapshot) -> [ResourceInput] {
        switch key {
        case .outbound(let traits): outboundPlan(for: traits, in: snapshot, settings: settings).all
        case .endpoints(let scope, let preference): endpointPlan(for: scope, preference: preference, in: snapshot)
        case .inbound(let view): inboundPlan(for: view, in: snapshot, settings: settings).all
        }
    }

    /// Derives the snapshots of classes from the ones before, by what changed in their plans.
    private mutating func updateClasses(_ edits: [PlanKey: ResourceEdits]) -> Set<ProxyID> {
        var woken: Set<ProxyID> = []
        for (key, old) in classes {
            let touched = old.plans.filter { edits[$0] != nil }
            guard !touched.isEmpty else { continue }
            var snapshots = old.cache.snapshots
            for type in touched.reduce(into: Set<TypeURL>(), { $0.formUnion(edits[$1]?.types ?? []) }) {
                let holders = old.plans.compactMap { plans[$0]?.snapshots[type] }.filter { !$0.isEmpty }
                if holders.count <= 1 {
                    snapshots[type] = holders.first ?? .empty
                    continue
                }
                let own = touched.compactMap { edits[$0] }
                snapshots[type] = (snapshots[type] ?? .empty).applying(
                    updates: own.flatMap { $0.updates[type] ?? [] }, removals: own.flatMap { $0.removals[type] ?? [] })
            }
            let cache = ResourceCache(snapshots)
            if cache != old.cache { woken.formUnion(old.proxies) }
            classes[key]?.cache = cache
        }
        return woken
    }

    /// Finds anew which plans classes consist of.
    private mutating func regroup() -> Set<ProxyID> {
        var woken: Set<ProxyID> = []
        for (key, old) in classes {
            let keys = key.plans(in: snapshot)
            for key in keys { makePlan(key) }
            let cache = cache(of: keys)
            if cache != old.cache { woken.formUnion(old.proxies) }
            classes[key]?.plans = keys
            classes[key]?.cache = cache
        }
        dropUnusedPlans()
        return woken
    }
}
