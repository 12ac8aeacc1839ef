import KubernetesModel

/// A merge patch that takes out of an object's lists what its owner did not put there; nil if there is nothing.
///
/// Lists with merge keys let everyone add elements of his own, and so an edited key leaves a foreign element beside
/// ours. Mostly that is as it should be; where it makes the object invalid (two ports of one name) ours has to win.
///
/// - Parameters:
///   - live: The object, or a part of it.
///   - owned: What the owner has of it.
func patchRemovingForeignElements(from live: JSONValue, owned: FieldOwnership) -> JSONValue? {
    if let elements = live.array {
        guard !owned.elements.isEmpty else { return nil }
        let ours = elements.filter { element in
            owned.elements.keys.contains { key in key.allSatisfy { element[$0.key] == $0.value } }
        }
        if ours.isEmpty || ours.count == elements.count { return nil }
        return .array(ours)
    }
    let patches = owned.fields.compactMap { name, child -> (String, JSONValue)? in
        guard let part = live[name], let patch = patchRemovingForeignElements(from: part, owned: child) else {
            return nil
        }
        return (name, patch)
    }
    if patches.isEmpty { return nil }
    return .object(Dictionary(uniqueKeysWithValues: patches))
}
