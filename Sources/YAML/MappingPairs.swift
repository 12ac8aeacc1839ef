/// The pairs of a mapping, its keys and values taken in turn from `nodes[first...]`, with merge keys expanded.
///
/// - Throws: `YAMLError` for a key that stands twice, and for a merge of something that is no map.
func mappingPairs(_ nodes: [YAMLNode], from first: Int, hasMergeKey: Bool) throws(YAMLError) -> [YAMLPair] {
    var pairs: [YAMLPair] = []
    pairs.reserveCapacity((nodes.count - first) / 2)
    for key in stride(from: first, to: nodes.count - 1, by: 2) {
        pairs.append(YAMLPair(key: nodes[key], value: nodes[key + 1]))
    }
    guard hasMergeKey else {
        try checkKeysDiffer(pairs)
        return pairs
    }
    try checkKeysDiffer(pairs.filter { !$0.isMerge })
    return try expandingMergeKeys(pairs)
}

/// Below this number of pairs comparing all with all is faster than hashing.
private let fewPairs = 12

private func checkKeysDiffer(_ pairs: [YAMLPair]) throws(YAMLError) {
    if pairs.count <= fewPairs {
        for later in pairs.indices.dropFirst() {
            for earlier in 0..<later where pairs[earlier].keyText == pairs[later].keyText {
                throw repeatedKey(pairs[later].key, first: pairs[earlier].key)
            }
        }
    } else {
        var seen: [String: Int] = [:]
        seen.reserveCapacity(pairs.count)
        for (index, pair) in pairs.enumerated() {
            if let earlier = seen.updateValue(index, forKey: pair.keyText) {
                throw repeatedKey(pair.key, first: pairs[earlier].key)
            }
        }
    }
}

private func repeatedKey(_ key: YAMLNode, first: YAMLNode) -> YAMLError {
    YAMLError(
        message: "the key '\(key.scalar?.text ?? "")' stands twice in one map, on line \(first.mark.line) and on line"
            + " \(key.mark.line); remove one",
        mark: key.mark)
}

/// Puts the pairs of merged maps where their merge key stands, unless an explicit key or an earlier merge has them.
private func expandingMergeKeys(_ pairs: [YAMLPair]) throws(YAMLError) -> [YAMLPair] {
    var taken = Set(pairs.lazy.filter { !$0.isMerge }.map(\.keyText))
    var expanded: [YAMLPair] = []
    for pair in pairs {
        guard pair.isMerge else {
            expanded.append(pair)
            continue
        }
        for source in try mergedMappings(pair) {
            for merged in source where taken.insert(merged.keyText).inserted {
                expanded.append(merged)
            }
        }
    }
    return expanded
}

private func mergedMappings(_ merge: YAMLPair) throws(YAMLError) -> [[YAMLPair]] {
    switch merge.value.content {
    case .mapping(let pairs): return [pairs]
    case .sequence(let items):
        var mappings: [[YAMLPair]] = []
        for item in items {
            guard case .mapping(let pairs) = item.content else { throw notMergeable(merge) }
            mappings.append(pairs)
        }
        return mappings
    case .scalar: throw notMergeable(merge)
    }
}

private func notMergeable(_ merge: YAMLPair) -> YAMLError {
    YAMLError(
        message: "'<<' takes a map or a list of maps, and this is none; give one, as in '<<: *name'",
        mark: merge.key.mark)
}

extension YAMLPair {
    fileprivate var keyText: String { key.scalar?.text ?? "" }
    fileprivate var isMerge: Bool { key.scalar?.isMergeKey ?? false }
}
