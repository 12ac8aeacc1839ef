/// What a client asked for, of one type.
struct Interest: Hashable, Sendable {
    /// What a request changed.
    struct Change: Hashable, Sendable {
        /// The client needs these, whether it had them or not.
        var wanted = NameSet()
        /// The client dropped these.
        var dropped = NameSet()
        /// The client now wants everything.
        var isWildcardNew = false

        var isEmpty: Bool { wanted.isEmpty && dropped.isEmpty && !isWildcardNew }
    }

    private static let wildcard: NameSet = ["*"]

    let allowsWildcard: Bool
    private(set) var isWildcard = false
    private(set) var names = NameSet()
    /// Until a client names something, an empty list stands for everything.
    private var hasNamed = false
    /// Of the last list, whatever its order: clients repeat it with every answer.
    private var listHash: UInt64?

    init(_ typeURL: TypeURL) { allowsWildcard = !typeURL.isNamed }

    var isEmpty: Bool { !isWildcard && names.isEmpty }

    func contains(_ name: String) -> Bool { isWildcard || names.contains(name) }

    /// The list of a state-of-the-world request: all the client wants from now on.
    mutating func replace(with listed: [String]) -> Change {
        if listed.isEmpty, !hasNamed, allowsWildcard { return become(wildcard: true, names: NameSet()) }
        hasNamed = hasNamed || !listed.isEmpty
        let hash = listed.reduce(UInt64(listed.count)) { $0 &+ StableHash.hash($1) }
        guard hash != listHash else { return Change() }
        listHash = hash
        let new = NameSet(listed)
        return become(wildcard: allowsWildcard && new.contains("*"), names: new.subtracting(Self.wildcard))
    }

    /// The lists of a delta request. What is subscribed to again is wanted again; what is dropped while everything is
    /// subscribed to is wanted too, for the client cannot know whether it is still part of everything.
    mutating func change(subscribe: [String], unsubscribe: [String], isFirst: Bool) -> Change {
        let added = NameSet(subscribe)
        let dropped = NameSet(unsubscribe)
        var wildcard = isWildcard
        if dropped.contains("*") { wildcard = false }
        if allowsWildcard, added.contains("*") || (isFirst && added.isEmpty) { wildcard = true }
        let kept = names.subtracting(dropped)
        let left = names.intersection(dropped)
        let wanted = added.subtracting(Self.wildcard)
        let isAskedAgain = allowsWildcard && added.contains("*") && isWildcard
        var change = become(wildcard: wildcard, names: kept.union(wanted))
        change.wanted = wildcard ? wanted.union(left.subtracting(wanted)) : wanted
        change.isWildcardNew = change.isWildcardNew || isAskedAgain
        return change
    }

    /// Lets the names share the memory of the snapshot's.
    mutating func share(with snapshot: ResourceSnapshot) { names = names.sharing(snapshot.resources) }

    private mutating func become(wildcard: Bool, names new: NameSet) -> Change {
        guard wildcard != isWildcard || new != names else { return Change() }
        let change = Change(
            wanted: new.subtracting(names), dropped: names.subtracting(new),
            isWildcardNew: wildcard && !isWildcard)
        isWildcard = wildcard
        names = new
        return change
    }
}
