/// All resources of one type as one class of proxies sees them at a moment, sorted by name.
///
/// A snapshot is a shared, immutable value: copying costs nothing, and a stream remembers what its client holds by the
/// snapshot it came from. Each knows what changed in the last few steps that led to it, so that the cost of an edit is
/// the edit's, not the mesh's.
package struct ResourceSnapshot: Sendable {
    /// Stands for one snapshot in the history of its successors, without keeping it in memory.
    private final class Mark: Sendable {}

    /// The names that changed from the snapshot of that mark to the next.
    private struct Step: Sendable {
        var from: Mark
        var changed: NameSet
    }

    private final class Storage: Sendable {
        let mark = Mark()
        let resources: [Resource]
        let version: ResourceVersion
        let history: [Step]

        init(resources: [Resource], fingerprint: UInt64, history: [Step]) {
            self.resources = resources
            self.version = ResourceVersion(rawValue: fingerprint)
            self.history = history
        }
    }

    /// So many steps back a stream may be for the cheap comparison.
    private static let remembered = 16

    private let storage: Storage

    private init(_ storage: Storage) { self.storage = storage }

    /// A snapshot of these resources. Of several with one name the last counts.
    package init(_ resources: some Sequence<Resource>) {
        let unique = Dictionary(resources.lazy.map { ($0.name, $0) }) { $1 }
        let sorted = unique.values.sorted { $0.name < $1.name }
        let fingerprint = sorted.reduce(0) { $0 &+ $1.fingerprint }
        self.init(Storage(resources: sorted, fingerprint: fingerprint, history: []))
    }

    /// No resources.
    package static let empty = ResourceSnapshot([])

    /// The resources by name.
    package var resources: [Resource] { storage.resources }
    /// The version of the whole.
    package var version: ResourceVersion { storage.version }
    package var isEmpty: Bool { storage.resources.isEmpty }

    package subscript(name: String) -> Resource? {
        let index = resources.firstIndex(notBefore: name) { $0.name }
        return index < resources.count && resources[index].name == name ? resources[index] : nil
    }

    /// The version of one resource; ``ResourceVersion/absent`` if there is none.
    package func version(of name: String) -> ResourceVersion { self[name]?.version ?? .absent }

    /// This snapshot after an edit. One that changes nothing gives this very snapshot.
    package func applying(updates: [Resource], removals: [String] = []) -> ResourceSnapshot {
        var edits = Dictionary(removals.map { ($0, Resource?.none) }) { $1 }
        for resource in updates { edits[resource.name] = resource }
        edits = edits.filter { self.version(of: $0.key) != ($0.value?.version ?? .absent) }
        guard !edits.isEmpty else { return self }

        var fingerprint = version.rawValue
        var result: [Resource] = []
        result.reserveCapacity(resources.count + edits.count)
        var next = 0
        for (name, edit) in edits.sorted(by: { $0.key < $1.key }) {
            while next < resources.count, resources[next].name < name {
                result.append(resources[next])
                next += 1
            }
            if next < resources.count, resources[next].name == name {
                fingerprint &-= resources[next].fingerprint
                next += 1
            }
            if let edit {
                fingerprint &+= edit.fingerprint
                result.append(edit)
            }
        }
        result += resources[next...]
        let step = Step(from: storage.mark, changed: NameSet(edits.keys))
        let history = storage.history.suffix(Self.remembered - 1) + [step]
        return ResourceSnapshot(Storage(resources: result, fingerprint: fingerprint, history: Array(history)))
    }

    /// This snapshot with everything replaced; resources of an unchanged version keep their bytes.
    package func replacing(with resources: [Resource]) -> ResourceSnapshot {
        let names = Set(resources.map(\.name))
        return applying(
            updates: resources, removals: self.resources.map(\.name).filter { !names.contains($0) })
    }

    /// Names that may differ from what an earlier snapshot holds; all others are the same in both.
    package func changes(since earlier: ResourceSnapshot) -> NameSet {
        if earlier.storage === storage { return NameSet() }
        if let step = storage.history.lastIndex(where: { $0.from === earlier.storage.mark }) {
            return storage.history[step...].reduce(NameSet()) { $0.union($1.changed) }
        }
        return differences(from: earlier)
    }

    private func differences(from earlier: ResourceSnapshot) -> NameSet {
        var names: [String] = []
        var old = earlier.resources[...]
        for resource in resources {
            while let first = old.first, first.name < resource.name {
                names.append(first.name)
                old.removeFirst()
            }
            if let first = old.first, first.name == resource.name {
                if first.version != resource.version { names.append(resource.name) }
                old.removeFirst()
            } else {
                names.append(resource.name)
            }
        }
        return NameSet(names + old.map(\.name))
    }
}

/// Snapshots are equal that have the same version.
extension ResourceSnapshot: Hashable {
    package static func == (left: ResourceSnapshot, right: ResourceSnapshot) -> Bool {
        left.version == right.version && left.resources.count == right.resources.count
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(version) }
}
