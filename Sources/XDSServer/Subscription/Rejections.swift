/// What a client refused, and so is kept from it until it changes.
///
/// Who refuses a response does not say which of its resources is bad. Where a response may hold a part of what there
/// is, the refused ones are halved and sent again apart, until each bad one stands alone.
struct Rejections: Hashable, Sendable {
    /// Bad ones, by the version that was refused; absent: the removal was.
    private(set) var quarantined: [String: ResourceVersion] = [:]
    /// Groups that hold a bad one, to be sent apart.
    private(set) var suspects: [NameSet] = []
    /// The version of a refused response that could not be halved.
    private(set) var refusedWhole: ResourceVersion?

    /// Something refused has neither changed nor turned out to be good.
    var isStanding: Bool { !quarantined.isEmpty || !suspects.isEmpty || refusedWhole != nil }

    func isQuarantined(_ name: String, _ version: ResourceVersion) -> Bool { quarantined[name] == version }

    mutating func refuseWhole(_ version: ResourceVersion) { refusedWhole = version }

    mutating func acceptWhole() { refusedWhole = nil }

    /// Splits what was refused. One alone is the bad one.
    mutating func refuse(_ content: [(name: String, version: ResourceVersion)]) {
        if let only = content.first, content.count == 1 {
            quarantined[only.name] = only.version
        } else if !content.isEmpty {
            let half = content.count / 2
            suspects.append(NameSet(content[half...].map(\.name)))
            suspects.append(NameSet(content[..<half].map(\.name)))
        }
    }

    /// What to send of all that is due: first what is under no suspicion, then the suspects group by group.
    mutating func choose(among names: NameSet) -> NameSet {
        guard !suspects.isEmpty else { return names }
        let others = suspects.reduce(names) { $0.subtracting($1) }
        guard others.isEmpty else { return others }
        while let group = suspects.popLast() {
            let due = names.intersection(group)
            if !due.isEmpty { return due }
        }
        return names
    }

    /// Nothing is due: whatever was under suspicion has been accepted or has gone.
    mutating func endSuspicion() {
        suspects = []
        refusedWhole = nil
    }

    /// The client wants these, refused or not.
    mutating func forgive(_ names: NameSet) {
        guard !quarantined.isEmpty else { return }
        for name in names { quarantined[name] = nil }
    }

    /// Forgets what has changed since, or is of no interest any more.
    mutating func purge(_ newest: ResourceSnapshot, _ interest: Interest) {
        if !quarantined.isEmpty {
            quarantined = quarantined.filter { newest.version(of: $0) == $1 && interest.contains($0) }
        }
    }
}
