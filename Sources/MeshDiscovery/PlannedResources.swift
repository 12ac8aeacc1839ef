import EnvoyTranslator
import XDSServer

/// What to set and to take away, by type.
struct ResourceEdits {
    var updates: [TypeURL: [Resource]] = [:]
    var removals: [TypeURL: [String]] = [:]

    var isEmpty: Bool { updates.isEmpty && removals.isEmpty }
    var types: Set<TypeURL> { Set(updates.keys).union(removals.keys) }

    /// Adds edits of other resources.
    mutating func formUnion(_ other: ResourceEdits) {
        updates.merge(other.updates, uniquingKeysWith: +)
        removals.merge(other.removals, uniquingKeysWith: +)
    }

    func names(of type: TypeURL) -> [String] { (updates[type] ?? []).map(\.name) + (removals[type] ?? []) }

    init() {}

    /// What leads from some snapshots to others.
    init(from old: [TypeURL: ResourceSnapshot], to new: [TypeURL: ResourceSnapshot]) {
        for type in Set(old.keys).union(new.keys) {
            let (before, after) = (old[type] ?? .empty, new[type] ?? .empty)
            for name in after.changes(since: before) where after.version(of: name) != before.version(of: name) {
                if let resource = after[name] {
                    updates[type, default: []].append(resource)
                } else {
                    removals[type, default: []].append(name)
                }
            }
        }
    }
}

/// The resources of one plan, by type and sorted by name. A plan that says the same again changes nothing; what
/// it says anew is encoded, and nothing else.
struct PlannedResources {
    private var planned: [TypeURL: [PlannedResource]] = [:]
    private(set) var snapshots: [TypeURL: ResourceSnapshot] = [:]

    private struct Named {
        var name: String
        var input: ResourceInput

        init(_ input: ResourceInput) {
            name = input.name
            self.input = input
        }
    }

    /// All of one type.
    func resources(of type: TypeURL) -> [PlannedResource] { planned[type] ?? [] }

    subscript(type: TypeURL, name: String) -> PlannedResource? {
        guard let resources = planned[type] else { return nil }
        let index = resources.firstIndex(notBefore: name)
        return index < resources.count && resources[index].name == name ? resources[index] : nil
    }

    /// Makes these all there is. One that cannot be encoded stays as it was.
    mutating func replace(with inputs: [ResourceInput], _ memo: inout ResourceMemo) -> ResourceEdits {
        var edits = ResourceEdits()
        let byType = Dictionary(grouping: inputs) { TypeURL(rawValue: $0.typeURL) }
        for type in Set(byType.keys).union(planned.keys) {
            let wanted = (byType[type] ?? []).map(Named.init).sorted { $0.name < $1.name }
            replace(type, with: wanted, &memo, &edits)
        }
        apply(edits)
        return edits
    }

    private mutating func replace(
        _ type: TypeURL, with wanted: [Named], _ memo: inout ResourceMemo, _ edits: inout ResourceEdits
    ) {
        var result: [PlannedResource] = []
        result.reserveCapacity(wanted.count)
        var old = (planned[type] ?? [])[...]
        for (index, named) in wanted.enumerated() where index == 0 || wanted[index - 1].name != named.name {
            while let first = old.first, first.name < named.name {
                edits.removals[type, default: []].append(first.name)
                old.removeFirst()
            }
            let previous = old.first?.name == named.name ? old.removeFirst() : nil
            if let previous, previous.input == named.input {
                result.append(previous)
                continue
            }
            guard let resource = memo.resource(for: named.input) ?? previous else { continue }
            result.append(resource)
            if resource.resource.version != previous?.resource.version {
                edits.updates[type, default: []].append(resource.resource)
            }
        }
        if !old.isEmpty { edits.removals[type, default: []] += old.map(\.name) }
        planned[type] = result
    }

    /// Sets these, and leaves all others as they are.
    mutating func patch(with inputs: [ResourceInput], _ memo: inout ResourceMemo) -> ResourceEdits {
        var edits = ResourceEdits()
        for input in inputs {
            let type = TypeURL(rawValue: input.typeURL)
            let name = input.name
            let index = (planned[type] ?? []).firstIndex(notBefore: name)
            let previous = planned[type].flatMap { index < $0.count && $0[index].name == name ? $0[index] : nil }
            guard previous?.input != input, let resource = memo.resource(for: input) else { continue }
            if previous == nil {
                planned[type, default: []].insert(resource, at: index)
            } else {
                planned[type]?[index] = resource
            }
            if resource.resource.version != previous?.resource.version {
                edits.updates[type, default: []].append(resource.resource)
            }
        }
        apply(edits)
        return edits
    }

    /// Makes these all there is of a few hosts, and leaves all others as they are.
    ///
    /// - Parameter type: Of the resources: clusters, or endpoints, which have clusters' names.
    mutating func patch(
        with inputs: [ResourceInput], ofHosts hosts: Set<String>, _ type: TypeURL, _ memo: inout ResourceMemo
    ) -> ResourceEdits {
        var edits = patch(with: inputs, &memo)
        let wanted = Set(inputs.map(\.name))
        let surplus = (planned[type] ?? []).map(\.name).filter { name in
            !wanted.contains(name)
                && name.lastIndex(of: "|").map { hosts.contains(String(name[name.index(after: $0)...])) }
                    ?? false
        }
        edits.formUnion(remove(Set(surplus), of: type))
        return edits
    }

    /// Takes some away.
    mutating func remove(_ names: Set<String>, of type: TypeURL) -> ResourceEdits {
        let gone = names.filter { self[type, $0] != nil }
        guard !gone.isEmpty else { return ResourceEdits() }
        planned[type]?.removeAll { gone.contains($0.name) }
        var removals = ResourceEdits()
        removals.removals[type] = Array(gone)
        apply(removals)
        return removals
    }

    private mutating func apply(_ edits: ResourceEdits) {
        for type in edits.types {
            snapshots[type] = (snapshots[type] ?? .empty).applying(
                updates: edits.updates[type] ?? [], removals: edits.removals[type] ?? [])
        }
    }
}

extension [PlannedResource] {
    /// In the order of names: the first index whose name is not before this one.
    fileprivate func firstIndex(notBefore name: String) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle].name < name { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
