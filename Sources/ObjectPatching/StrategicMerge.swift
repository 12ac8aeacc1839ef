package import KubernetesModel

extension JSONValue {
    /// This value with a strategic-merge patch applied, as the API server would.
    ///
    /// - Maps are merged field by field; null removes a field.
    /// - Lists with a merge key are merged element by element, the others are replaced. New elements come last.
    /// - `$patch: replace` and `$patch: delete`, `$retainKeys`, `$deleteFromPrimitiveList/<field>` and
    ///   `$setElementOrder/<field>` do what they do there.
    /// - Beyond that, what excludes each other (two kinds of probe, two sources of a volume or variable, `Recreate` and
    ///   `rollingUpdate`) does not end up side by side: the patch takes the place of what was there. The API server
    ///   would refuse both together, and the author of a patch means the one he wrote.
    package func strategicallyMerged(with patch: JSONValue, _ schema: MergeSchema) -> JSONValue {
        switch (self, patch, schema) {
        case (_, .object(let changes), .list), (_, .object(let changes), .set):
            return .object(changes)  // not what the field is: the API server will say so
        case (_, .object(let changes), .map(let fields, let union)):
            return merged(mapOrEmpty, with: changes, fields, union)
        case (_, .array(let changes), .list(let key, let element)):
            return .array(merged(array ?? [], with: changes, by: key, element))
        case (_, .array(let changes), .set):
            let current = array ?? []
            return .array(current + changes.filter { !current.contains($0) })
        default:
            return patch
        }
    }

    private var mapOrEmpty: [String: JSONValue] { object ?? [:] }
}

private func merged(
    _ current: [String: JSONValue], with patch: [String: JSONValue], _ schemas: [String: MergeSchema],
    _ union: MergeSchema.Union
) -> JSONValue {
    let changes = patch.filter { !$0.key.hasPrefix("$") }
    switch patch["$patch"]?.string {
    case "replace": return .object(changes.filter { !$0.value.isNull })
    case "delete": return .object([:])
    default: break
    }
    var result = current
    for field in displaced(from: current, by: changes, union) { result[field] = nil }
    if changes["type"] == "Recreate" || changes["type"] == "OnDelete" { result["rollingUpdate"] = nil }
    if let kept = patch["$retainKeys"]?.array?.compactMap(\.string) { result = result.filter { kept.contains($0.key) } }
    for (field, change) in changes {
        if change.isNull {
            result[field] = nil
        } else {
            let schema = schemas[field] ?? .map()
            result[field] = (result[field] ?? .null).strategicallyMerged(with: change, schema)
        }
    }
    for (directive, value) in patch {
        if let field = directive.parameter(of: "$deleteFromPrimitiveList/"), let gone = value.array {
            result[field] = result[field]?.array.map { .array($0.filter { !gone.contains($0) }) }
        } else if let field = directive.parameter(of: "$setElementOrder/"), let order = value.array {
            let key = schemas[field]?.mergeKey
            result[field] = result[field]?.array.map { .array($0.ordered(as: order, by: key)) }
        }
    }
    return .object(result)
}

/// The fields that give way to those that a patch sets.
private func displaced(
    from current: [String: JSONValue], by changes: [String: JSONValue], _ union: MergeSchema.Union
) -> [String] {
    let set = changes.filter { !$0.value.isNull }.keys
    switch union {
    case .none: return []
    case .oneOf(let fields):
        let chosen = fields.intersection(set)
        return chosen.isEmpty ? [] : Array(fields.subtracting(chosen))
    case .allBut(let key):
        guard set.contains(where: { $0 != key }) else { return [] }
        return current.keys.filter { $0 != key && changes[$0] == nil }
    }
}

/// - Complexity: O(current × changes): lists in Pods are short.
private func merged(
    _ current: [JSONValue], with changes: [JSONValue], by key: String, _ element: MergeSchema
) -> [JSONValue] {
    if changes.contains(where: { $0["$patch"] == "replace" && $0[key] == nil }) {
        return changes.filter { $0["$patch"] == nil }
    }
    var result = current
    for change in changes {
        guard let name = change[key] else {
            result.append(change)
            continue
        }
        let index = result.firstIndex { $0[key] == name }
        if change["$patch"] == "delete" {
            if let index { result.remove(at: index) }
        } else if let index {
            result[index] = result[index].strategicallyMerged(with: change, element)
        } else {
            result.append(JSONValue.object([:]).strategicallyMerged(with: change, element))
        }
    }
    return result
}

extension String {
    /// What follows a prefix; nil if this text does not begin with it.
    fileprivate func parameter(of prefix: String) -> String? {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }
}

extension MergeSchema {
    fileprivate var mergeKey: String? { if case .list(let key, _) = self { key } else { nil } }
}

extension [JSONValue] {
    /// The elements in the order of others, by a key if they are maps; those not listed come last.
    fileprivate func ordered(as order: [JSONValue], by key: String?) -> [JSONValue] {
        func identity(_ element: JSONValue) -> JSONValue { key.flatMap { element[$0] } ?? element }
        let ranks = Dictionary(order.enumerated().map { (identity($1), $0) }, uniquingKeysWith: { first, _ in first })
        return enumerated().sorted {
            (ranks[identity($0.element)] ?? order.count, $0.offset)
                < (ranks[identity($1.element)] ?? order.count, $1.offset)
        }.map(\.element)
    }
}
