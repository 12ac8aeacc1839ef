import EnvoyTranslator
import XDSServer

/// What a plan has otherwise than the one that it has most in common with.
struct OwnPart {
    /// Names of which it has clusters or endpoints of its own.
    var hosts: Set<String> = []
    /// Of which it has listeners and routes that were planned apart.
    var ports: Set<Int> = []
    /// Its own resources.
    private(set) var inputs: [TypeURL: [String: ResourceInput]] = [:]
    /// Resources of the other plan that it has not.
    private(set) var absent: [TypeURL: Set<String>] = [:]

    /// Has these, instead of those that the other plan has.
    mutating func take(_ own: [ResourceInput], insteadOf others: [ResourceInput]) {
        let common = Dictionary(others.map { ($0.name, $0) }) { first, _ in first }
        var names: Set<String> = []
        for input in own {
            let name = input.name
            guard names.insert(name).inserted, common[name] != input else { continue }
            inputs[TypeURL(rawValue: input.typeURL), default: [:]][name] = input
        }
        for (name, input) in common where !names.contains(name) {
            absent[TypeURL(rawValue: input.typeURL), default: []].insert(name)
        }
    }
}

/// The resources of a plan that says the same as another one, but for a few: those it shares.
struct DerivedResources {
    private struct Own {
        /// Nil: there is none, whatever the other plan says.
        var resource: PlannedResource?
    }

    private var own: [TypeURL: [String: Own]] = [:]
    /// Names of which it has clusters or endpoints of its own.
    private(set) var hosts: Set<String> = []
    /// Of which it has listeners and routes that were planned apart.
    private(set) var ports: Set<Int> = []
    private(set) var snapshots: [TypeURL: ResourceSnapshot] = [:]

    /// What it has in place of routes of the other plan.
    var ownRoutes: [RouteConfigurationInput] {
        (own[.route] ?? [:]).values.compactMap {
            if case .routeConfiguration(let routes)? = $0.resource?.input { routes } else { nil }
        }
    }

    /// Brings it up to date.
    ///
    /// - Parameters:
    ///   - part: Nil: as it was.
    ///   - common: The other plan.
    ///   - changes: Of the other plan since the last update; nil if there was none.
    mutating func update(
        _ part: OwnPart?, on common: [TypeURL: ResourceSnapshot], _ changes: ResourceEdits?,
        _ memo: inout ResourceMemo
    ) {
        let former = own
        if let part { take(part, &memo) }
        for type in Set(common.keys).union(snapshots.keys).union(own.keys) {
            let base = common[type] ?? .empty
            let own = own[type] ?? [:]
            guard !own.isEmpty else {
                snapshots[type] = base
                continue
            }
            var snapshot = base
            var names = Set(own.keys)
            if let changes, let earlier = former[type], !earlier.isEmpty, let own = snapshots[type] {
                snapshot = own
                names.formUnion(earlier.keys)
                names.formUnion(changes.names(of: type))
            }
            var updates: [Resource] = []
            var removals: [String] = []
            for name in names {
                if let resource = own[name].map({ $0.resource?.resource }) ?? base[name] {
                    updates.append(resource)
                } else {
                    removals.append(name)
                }
            }
            snapshots[type] = snapshot.applying(updates: updates, removals: removals)
        }
    }

    private mutating func take(_ part: OwnPart, _ memo: inout ResourceMemo) {
        let former = own
        own = [:]
        (hosts, ports) = (part.hosts, part.ports)
        for (type, inputs) in part.inputs {
            for (name, input) in inputs {
                let previous = former[type]?[name]?.resource
                own[type, default: [:]][name] = Own(
                    resource: previous?.input == input ? previous : memo.resource(for: input) ?? previous)
            }
        }
        for (type, names) in part.absent { for name in names { own[type, default: [:]][name] = Own() } }
    }
}
