/// Names in order, each once: small in memory, merged in one pass.
package struct NameSet: Hashable, Sendable {
    private(set) var sorted: [String]

    /// No names.
    package init() { sorted = [] }

    /// These names, in any order.
    package init(_ names: some Sequence<String>) {
        var names = Array(names)
        if !zip(names, names.dropFirst()).allSatisfy({ $0 < $1 }) {
            names.sort()
            var kept = 0
            for index in names.indices where index == 0 || names[index] != names[kept - 1] {
                names[kept] = names[index]
                kept += 1
            }
            names.removeSubrange(kept...)
        }
        sorted = names
    }

    package var count: Int { sorted.count }
    package var isEmpty: Bool { sorted.isEmpty }

    package func contains(_ name: String) -> Bool {
        let index = sorted.firstIndex(notBefore: name) { $0 }
        return index < sorted.count && sorted[index] == name
    }

    package func union(_ other: NameSet) -> NameSet {
        if isEmpty { return other }
        if other.isEmpty { return self }
        return NameSet(ordered: merged(other, keepsLeft: true, keepsBoth: true, keepsRight: true))
    }

    package func intersection(_ other: NameSet) -> NameSet {
        if isEmpty || other.isEmpty { return NameSet() }
        if count * 16 < other.count { return NameSet(ordered: sorted.filter(other.contains)) }
        if other.count * 16 < count { return NameSet(ordered: other.sorted.filter(contains)) }
        return NameSet(ordered: merged(other, keepsLeft: false, keepsBoth: true, keepsRight: false))
    }

    package func subtracting(_ other: NameSet) -> NameSet {
        if isEmpty || other.isEmpty { return self }
        if count * 16 < other.count { return NameSet(ordered: sorted.filter { !other.contains($0) }) }
        return NameSet(ordered: merged(other, keepsLeft: true, keepsBoth: false, keepsRight: false))
    }

    /// The same names; those that resources have are the resources' own strings, so that many sets share them.
    func sharing(_ resources: [Resource]) -> NameSet {
        var rest = resources[...]
        return NameSet(
            ordered: sorted.map { name in
                while let first = rest.first, first.name < name { rest.removeFirst() }
                return rest.first?.name == name ? rest.first?.name ?? name : name
            })
    }

    private init(ordered: [String]) { sorted = ordered }

    private func merged(_ other: NameSet, keepsLeft: Bool, keepsBoth: Bool, keepsRight: Bool) -> [String] {
        var result: [String] = []
        var left = sorted[...]
        var right = other.sorted[...]
        while let first = left.first, let second = right.first {
            if first == second {
                if keepsBoth { result.append(first) }
                left.removeFirst()
                right.removeFirst()
            } else if first < second {
                if keepsLeft { result.append(first) }
                left.removeFirst()
            } else {
                if keepsRight { result.append(second) }
                right.removeFirst()
            }
        }
        if keepsLeft { result += left }
        if keepsRight { result += right }
        return result
    }
}

extension NameSet: Sequence {
    package func makeIterator() -> IndexingIterator<[String]> { sorted.makeIterator() }
}

extension NameSet: ExpressibleByArrayLiteral {
    package init(arrayLiteral names: String...) { self.init(names) }
}

extension Array {
    /// In an array sorted by name: the first index whose name is not before this one.
    func firstIndex(notBefore name: String, _ nameOf: (Element) -> String) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if nameOf(self[middle]) < name { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
