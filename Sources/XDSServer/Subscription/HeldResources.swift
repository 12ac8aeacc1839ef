/// What a client holds, as far as it told: a snapshot, but for a few names.
///
/// Only names the client is interested in count; for others this may say anything.
struct HeldResources: Sendable {
    private(set) var base = ResourceSnapshot.empty
    /// Versions that differ from those of the base.
    private(set) var exceptions: [String: ResourceVersion] = [:]

    var isEmpty: Bool { base.isEmpty && exceptions.isEmpty }

    func version(of name: String) -> ResourceVersion { exceptions[name] ?? base.version(of: name) }

    /// Names of interest whose held version may differ from the snapshot's.
    func candidates(for snapshot: ResourceSnapshot, of interest: Interest) -> NameSet {
        let special = NameSet(exceptions.keys)
        guard !interest.isWildcard else { return snapshot.changes(since: base).union(special) }
        return base.isEmpty
            ? interest.names : snapshot.changes(since: base).union(special).intersection(interest.names)
    }

    mutating func become(_ snapshot: ResourceSnapshot, except: [String: ResourceVersion] = [:]) {
        base = snapshot
        exceptions = except
    }

    mutating func set(_ name: String, _ version: ResourceVersion) { exceptions[name] = version }
}
