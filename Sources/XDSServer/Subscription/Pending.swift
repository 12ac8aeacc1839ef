/// What a client has yet to be told.
struct Pending: Sendable {
    /// By name.
    var updates: [Resource] = []
    /// By name.
    var removals: [String] = []
    /// What the client goes on holding, of names that this leaves out.
    var heldBack: [String: ResourceVersion] = [:]
    /// The updates are all of the snapshot.
    var isWhole = false

    var isEmpty: Bool { updates.isEmpty && removals.isEmpty }

    var names: NameSet { NameSet(updates.map(\.name) + removals) }

    /// All names with their versions.
    var content: [(name: String, version: ResourceVersion)] {
        updates.map { ($0.name, $0.version) } + removals.map { ($0, .absent) }
    }

    /// Leaves out all other names.
    func keeping(_ names: NameSet, held: HeldResources) -> Pending {
        var kept = Pending(heldBack: heldBack)
        for resource in updates {
            if names.contains(resource.name) {
                kept.updates.append(resource)
            } else {
                kept.heldBack[resource.name] = held.version(of: resource.name)
            }
        }
        for name in removals {
            if names.contains(name) {
                kept.removals.append(name)
            } else {
                kept.heldBack[name] = held.version(of: name)
            }
        }
        return kept
    }

    /// Leaves out what takes away something the client holds, but for some names.
    func holdingRemovals(held: HeldResources, except: NameSet) -> Pending {
        var kept = self
        kept.removals = []
        for name in removals {
            let version = held.version(of: name)
            if version == .absent || except.contains(name) {
                kept.removals.append(name)
            } else {
                kept.heldBack[name] = version
            }
        }
        return kept
    }
}
