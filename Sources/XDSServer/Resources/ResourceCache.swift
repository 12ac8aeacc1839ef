/// What one class of proxies can be sent: a snapshot of each type.
package struct ResourceCache: Hashable, Sendable {
    /// The snapshots, only of types that were ever filled.
    package private(set) var snapshots: [TypeURL: ResourceSnapshot]

    /// A cache that holds these snapshots.
    package init(_ snapshots: [TypeURL: ResourceSnapshot] = [:]) { self.snapshots = snapshots }

    package subscript(typeURL: TypeURL) -> ResourceSnapshot { snapshots[typeURL] ?? .empty }

    package subscript(typeURL: TypeURL, name: String) -> Resource? { snapshots[typeURL]?[name] }

    /// Sets and takes away resources of a type. False: there was nothing to change.
    @discardableResult
    package mutating func apply(_ typeURL: TypeURL, updates: [Resource] = [], removals: [String] = []) -> Bool {
        store(typeURL, self[typeURL].applying(updates: updates, removals: removals))
    }

    /// Makes these all resources of a type. False: they already were.
    @discardableResult
    package mutating func replace(_ typeURL: TypeURL, with resources: [Resource]) -> Bool {
        store(typeURL, self[typeURL].replacing(with: resources))
    }

    /// The snapshots that differ from an earlier cache's.
    package func changes(since earlier: ResourceCache) -> [TypeURL: ResourceSnapshot] {
        snapshots.filter { earlier.snapshots[$0.key] != $0.value }
    }

    private mutating func store(_ typeURL: TypeURL, _ snapshot: ResourceSnapshot) -> Bool {
        defer { snapshots[typeURL] = snapshot }
        return snapshots[typeURL] != snapshot
    }
}
