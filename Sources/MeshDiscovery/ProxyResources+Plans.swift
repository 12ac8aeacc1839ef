import EnvoyTranslator
import MeshModel
import XDSServer

extension ProxyResources {
    /// The resources of a plan; nil if it is not there.
    func snapshots(of key: PlanKey) -> [TypeURL: ResourceSnapshot]? {
        plans[key]?.snapshots ?? derived[key]?.snapshots
    }

    /// Brings all plans and the classes that have them up to date.
    ///
    /// - Returns: The proxies whose class is sent something else, with what it was sent before.
    mutating func updatePlans(_ impact: Impact, _ calls: CallEdit) -> [ProxyID: ResourceCache] {
        guard !impact.isEmpty else { return [:] }
        let whole = Array(plans.keys)
        let regrouped = impact.regroups ? regroup() : [:]
        var edits: [PlanKey: ResourceEdits] = [:]
        let withEndpoints = index.mesh(snapshot, like: impact.endpoints)
        let withClusters = index.mesh(snapshot, like: impact.clusters)
        let treated = index.treated(impact.treated, in: snapshot)
        let isPartial = !impact.isOfEverything && !calls.isLarge
        for key in whole where plans[key] != nil {
            var parts: [ResourceEdits?] = []
            if key.isCommon && isPartial {
                parts.append(patch(key, calls))
            } else if impact.replans(key) {
                parts.append(replan(key))
            }
            if parts.isEmpty || key.isCommon && isPartial {
                parts.append(patch(key, impact, withEndpoints, withClusters))
                parts.append(patch(key, treated, losesSubsets: impact.losesSubsets))
            }
            for case let edit? in parts where !edit.isEmpty { edits[key, default: ResourceEdits()].formUnion(edit) }
        }
        // Also those that have just been made from others that were not up to date.
        for key in whole + derived.keys where snapshots(of: key) != nil {
            if let edit = deriveAnew(key, impact, isPartial ? calls : nil, edits), !edit.isEmpty {
                edits[key, default: ResourceEdits()].formUnion(edit)
            }
        }
        return edits.isEmpty && regrouped.isEmpty ? [:] : updateClasses(edits, regrouped)
    }

    /// Brings a plan up to date that shares with another one, which is up to date. Whether it does may have changed.
    private mutating func deriveAnew(
        _ key: PlanKey, _ impact: Impact, _ calls: CallEdit?, _ edits: [PlanKey: ResourceEdits]
    ) -> ResourceEdits? {
        let common = key.common(in: snapshot)
        guard (common != nil) == (derived[key] != nil) else { return makeAnew(key) }
        guard let common, let former = derived[key] else { return nil }
        let changes = edits[common] ?? ResourceEdits()
        let isOwn = !impact.isOfEndpoints || impact.endpoints.contains { former.hosts.contains($0.hostname) }
        guard isOwn || !changes.isEmpty else { return nil }
        derive(key, from: common, isOwn: isOwn, calls, changes)
        return ResourceEdits(from: former.snapshots, to: snapshots(of: key) ?? [:])
    }

    private mutating func makeAnew(_ key: PlanKey) -> ResourceEdits {
        let former = snapshots(of: key) ?? [:]
        plans[key] = nil
        derived[key] = nil
        makePlan(key)
        return ResourceEdits(from: former, to: snapshots(of: key) ?? [:])
    }

    /// - Parameters:
    ///   - isOwn: What it has otherwise may have changed.
    ///   - calls: What has changed; nil: anything may have.
    ///   - changes: Of the other plan.
    private mutating func derive(
        _ key: PlanKey, from common: PlanKey, isOwn: Bool, _ calls: CallEdit?, _ changes: ResourceEdits?
    ) {
        let part = isOwn ? ownPart(of: key, on: common, calls) : nil
        derived[key, default: DerivedResources()].update(part, on: snapshots(of: common) ?? [:], changes, &memo)
    }

    /// Makes a plan if it is not there.
    mutating func makePlan(_ key: PlanKey) {
        guard snapshots(of: key) == nil else { return }
        if let common = key.common(in: snapshot) {
            makePlan(common)
            derive(key, from: common, isOwn: true, nil, nil)
        } else {
            plans[key] = PlannedResources()
            _ = replan(key)
        }
    }

    mutating func dropUnusedPlans() {
        var used = Set(classes.values.lazy.flatMap(\.plans))
        for key in used { if let common = key.common(in: snapshot) { used.insert(common) } }
        for key in plans.keys where !used.contains(key) { plans[key] = nil }
        for key in derived.keys where !used.contains(key) { derived[key] = nil }
        for key in portRoutes.keys where !used.contains(key) { portRoutes[key] = nil }
    }

    private mutating func replan(_ key: PlanKey) -> ResourceEdits? {
        counted.plans += 1
        let inputs = key.inputs(in: snapshot, settings)
        count(inputs)
        portRoutes[key] = nil
        return plans[key]?.replace(with: inputs, &memo)
    }

    /// Plans anew what depends on the endpoints of a few services.
    private mutating func patch(
        _ key: PlanKey, _ impact: Impact, _ withEndpoints: MeshSnapshot, _ withClusters: MeshSnapshot
    ) -> ResourceEdits? {
        switch key {
        case .endpoints, .routerEndpoints, .proxylessEndpoints:
            counted.patches += 1
            let endpoints = key.inputs(in: withEndpoints, settings)
            return plans[key]?.patch(with: endpoints, &memo)
        case .outbound(let traits):
            guard !impact.clusters.isEmpty else { return nil }
            counted.patches += 1
            let clusters = outboundPlan(for: traits, in: withClusters, settings: settings).clusters
            return plans[key]?.patch(with: clusters, &memo)
        case .proxyless(let traits):
            // Whether all endpoints take nothing but mutual TLS depends also on their labels.
            counted.patches += 1
            let clusters = proxylessPlan(for: traits, in: withEndpoints, settings: settings).clusters
            return plans[key]?.patch(with: clusters, &memo)
        case .inbound, .router, .proxylessServer: return nil
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
        case .proxyless(let traits):
            (type, inputs) = (.cluster, proxylessPlan(for: traits, in: treated.mesh, settings: settings).clusters)
        case .endpoints, .routerEndpoints, .proxylessEndpoints:
            (type, inputs) = (.endpoint, key.inputs(in: treated.mesh, settings))
        case .inbound, .router, .proxylessServer: return nil
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
                    let holders = old.plans.compactMap { self.snapshots(of: $0)?[type] }.filter { !$0.isEmpty }
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
