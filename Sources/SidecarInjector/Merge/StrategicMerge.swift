import KubernetesModel

/// A part of a Pod laid over a Pod, as Kubernetes' strategic merge does: maps field by field, null removes a field,
/// lists of named elements element by element, all other lists as a whole.
func strategicallyMerged(_ base: JSONValue, with overlay: JSONValue, field: String = "") -> JSONValue {
    switch (base, overlay) {
    case (.object(var fields), .object(let over)):
        if over["$patch"] == "replace" { return overlay.withoutDirectives }
        for (name, value) in over where name != "$patch" {
            if value.isNull {
                fields[name] = nil
            } else if let old = fields.removeValue(forKey: name) {
                fields[name] = strategicallyMerged(old, with: value, field: name)
            } else {
                fields[name] = value.withoutDirectives
            }
        }
        return .object(fields)
    case (.array(let elements), .array(let over)):
        guard let key = mergeKeys[field] else { return overlay.withoutDirectives }
        return .array(merged(elements, with: over, by: key, isVolumes: field == "volumes"))
    default:
        return overlay.withoutDirectives
    }
}

/// By which of their fields the elements of a Pod's lists are told apart.
private let mergeKeys: [String: String] = [
    "containers": "name", "initContainers": "name", "ephemeralContainers": "name", "volumes": "name",
    "imagePullSecrets": "name", "env": "name", "volumeMounts": "mountPath", "ports": "containerPort",
    "volumeDevices": "devicePath", "hostAliases": "ip", "topologySpreadConstraints": "topologyKey",
    "resourceClaims": "name", "schedulingGates": "name", "claims": "name", "ownerReferences": "uid",
]

/// What the overlay has comes in its order, what only the base has in its own; where the base has both, its order counts.
private func merged(
    _ base: [JSONValue], with overlay: [JSONValue], by key: String, isVolumes: Bool
) -> [JSONValue] {
    if overlay.first?["$patch"] == "replace" {
        return overlay.dropFirst().map(\.withoutDirectives)
    }
    var places: [JSONValue: Int] = [:]
    for (index, element) in base.enumerated() {
        if let name = element[key], places[name] == nil { places[name] = index }
    }
    var taken: Set<Int> = []
    var changed: [(place: Int?, element: JSONValue)] = []
    for element in overlay {
        let place = element[key].flatMap { places[$0] }
        if let place { taken.insert(place) }
        if element["$patch"] == "delete" { continue }
        guard let place else {
            changed.append((nil, element.withoutDirectives))
            continue
        }
        let isOther = isVolumes && hasOtherSource(base[place], element)
        changed.append(
            (place, isOther ? element.withoutDirectives : strategicallyMerged(base[place], with: element)))
    }
    var result: [JSONValue] = []
    result.reserveCapacity(base.count + changed.count)
    var kept = base.indices.filter { !taken.contains($0) }[...]
    for (place, element) in changed {
        while let place, let next = kept.first, next < place { result.append(base[next]); kept.removeFirst() }
        result.append(element)
    }
    return result + kept.map { base[$0] }
}

/// A volume has one source: one that an overlay names takes the place of the former.
private func hasOtherSource(_ volume: JSONValue, _ overlay: JSONValue) -> Bool {
    let sources = (overlay.object ?? [:]).filter { $0.key != "name" && !$0.value.isNull }.keys
    guard !sources.isEmpty, let own = volume.object else { return false }
    return !sources.contains { own[$0] != nil }
}

extension JSONValue {
    /// This value without nulls and without what tells a merge what to do, which mean nothing where nothing is merged.
    var withoutDirectives: JSONValue {
        guard hasDirectives else { return self }
        switch self {
        case .object(let fields):
            return .object(
                Dictionary(
                    uniqueKeysWithValues: fields.compactMap { name, value in
                        name == "$patch" || value.isNull ? nil : (name, value.withoutDirectives)
                    }))
        case .array(let elements):
            return .array(
                elements.compactMap { element in
                    element["$patch"] == "delete"
                        || element["$patch"] == "replace"
                            && element.object?.count == 1
                        ? .none : element.withoutDirectives
                })
        default: return self
        }
    }

    private var hasDirectives: Bool {
        switch self {
        case .null: true
        case .object(let fields):
            fields["$patch"] != nil || fields.values.contains { $0.hasDirectives }
        case .array(let elements): elements.contains { $0.hasDirectives }
        default: false
        }
    }
}
