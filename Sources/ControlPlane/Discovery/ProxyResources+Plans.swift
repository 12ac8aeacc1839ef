import EnvoyTranslator
import MeshModel
import XDSServer

extension ProxyResources {
    /// Brings all plans and the classes that have them up to date.
    ///
    /// - Returns: The proxies whose class is sent something else, with what it was sent before.
    mutating func updatePlans(_ impact: Impact) -> [ProxyID: ResourceCache] {
        guard !impact.isEmpty else { return [:] }
        let before = Array(plans.keys)
        let regrouped = impact.regroups ? regroup() : [:]
        var edits: [PlanKey: ResourceEdits] = [:]
        let withEndpoints = index.mesh(snapshot, like: impact.endpoints)
        let withClusters = index.mesh(snapshot, like: impact.clusters)
        let treated = index.treated(impact.treated, in: snapshot)
        for key in before where plans[key] != nil {
            let edit = impact.replans(key) ? replan(key) : patch(key, impact, withEndpoints, withClusters)
            let others = impact.replans(key) ? nil : patch(key, treated, losesSubsets: impact.losesSubsets)
            for edit in [edit, others] {
                if let edit, !edit.isEmpty { edits[key, default: ResourceEdits()].formUnion(edit) }
            }
        }
        return edits.isEmpty && regrouped.isEmpty ? [:] : updateClasses(edits, regrouped)
    }

    /// Makes a plan if it is not there.
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
        let inputs = key.inputs(in: snapshot, settings)
        return plans[key]?.replace(with: inputs, &memo)
    }

    /// Plans anew what depends on the endpoints of a few services.
    private mutating func patch(
        _ key: PlanKey, _ impact: Impact, _ withEndpoints: MeshSnapshot, _ withClusters: MeshSnapshot
    ) -> ResourceEdits? {
        switch key {
        case .endpoints, .routerEndpoints:
            counted.patches += 1
            let endpoints = key.inputs(in: withEndpoints, settings)
            return plans[key]?.patch(with: endpoints, &memo)
        case .outbound(let traits):
            guard !impact.clusters.isEmpty else { return nil }
            counted.patches += 1
            let clusters = outboundPlan(for: traits, in: withClusters, settings: settings).clusters
            return plans[key]?.patch(with: clusters, &memo)
        case .inbound, .router: return nil
        }
    }

    /// Plans anew the clusters and endpoints of services that are treated otherwise.
    private mutating func patch(
        _ key: PlanKey, _ treated: ServiceIndex.Treated?, losesSubsets: Bool
    ) -> ResourceEdits? {
        guard let treated else { return nil }
        let inputs: [ResourceInput]
        let type: TypeURL
        switch key {
        case .outbound(let traits):
            (type, inputs) = (.cluster, outboundPlan(for: traits, in: treated.mesh, settings: settings).clusters)
        case .endpoints, .routerEndpoints: (type, inputs) = (.endpoint, key.inputs(in: treated.mesh, settings))
        case .inbound, .router: return nil
        }
        counted.patches += 1
        return losesSubsets
            ? plans[key]?.patch(with: inputs, ofHosts: treated.hosts, type, &memo)
            : plans[key]?.patch(with: inputs, &memo)
    }

    /// Finds anew which plans classes consist of; new ones are made.
    ///
    /// - Returns: The classes that consist of others now, with the plans they had.
    private mutating func regroup() -> [ProxyClassKey: [PlanKey]] {
        var changed: [ProxyClassKey: [PlanKey]] = [:]
        for (key, old) in classes {
            let keys = key.plans(in: snapshot)
            guard keys != old.plans else { continue }
            changed[key] = old.plans
            classes[key]?.plans = keys
        }
        guard !changed.isEmpty else { return [:] }
        for key in changed.keys { for plan in classes[key]?.plans ?? [] { makePlan(plan) } }
        dropUnusedPlans()
        return changed
    }

    /// Derives the snapshots of classes from the ones before, by what changed in their plans.
    private mutating func updateClasses(
        _ edits: [PlanKey: ResourceEdits], _ regrouped: [ProxyClassKey: [PlanKey]]
    ) -> [ProxyID: ResourceCache] {
        var before: [ProxyID: ResourceCache] = [:]
        for (key, old) in classes {
            var snapshots = old.cache.snapshots
            if regrouped[key] != nil {
                for (type, snapshot) in cache(of: old.plans).snapshots {
                    snapshots[type] = (snapshots[type] ?? .empty).replacing(with: snapshot.resources)
                }
            } else {
                let touched = old.plans.compactMap { edits[$0] }
                guard !touched.isEmpty else { continue }
                for type in touched.reduce(into: Set<TypeURL>(), { $0.formUnion($1.types) }) {
                    let holders = old.plans.compactMap { plans[$0]?.snapshots[type] }.filter { !$0.isEmpty }
                    snapshots[type] = (snapshots[type] ?? .empty).merged(
                        from: holders, changed: Set(touched.flatMap { $0.names(of: type) }))
                }
            }
            let cache = ResourceCache(snapshots)
            if cache != old.cache { for id in old.proxies { before[id] = old.cache } }
            classes[key]?.cache = cache
        }
        return before
    }
}

extension ResourceSnapshot {
    /// This snapshot as several others make it now, of which these names have changed. One other is taken as it is.
    fileprivate func merged(from holders: [ResourceSnapshot], changed: Set<String>) -> ResourceSnapshot {
        guard holders.count > 1 else { return holders.first ?? .empty }
        var updates: [Resource] = []
        var removals: [String] = []
        for name in changed {
            if let resource = holders.lazy.compactMap({ $0[name] }).first {
                updates.append(resource)
            } else {
                removals.append(name)
            }
        }
        return applying(updates: updates, removals: removals)
    }
}
