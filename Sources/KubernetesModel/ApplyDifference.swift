/// Where applying `desired` as `manager` would change `live`: the path of the first such field, or nil if the server
/// would answer without writing anything.
///
/// Three things are looked at for every field: the live value equals the desired one, `manager` owns it, and
/// `manager` owns nothing that is no longer desired. Values that the server spells differently (quantities) or adds
/// (defaults) make no difference. When in doubt there is one: an apply too many is harmless.
package func applyDifference(
    from live: UnstructuredObject, to desired: UnstructuredObject, manager: String
) -> String? {
    guard let (owned, apiVersion) = FieldOwnership.applied(by: manager, in: live) else { return "" }
    guard apiVersion == desired.apiVersion else { return "apiVersion" }
    var comparison = ApplyComparison()
    var body = desired.json
    body["apiVersion"] = nil
    body["kind"] = nil
    body["metadata", "name"] = nil
    body["metadata", "namespace"] = nil
    return comparison.difference(desired: body, live: live.json, owned: owned) ? comparison.path : nil
}

/// The walk through a desired value, its live counterpart and the ownership of it, side by side.
private struct ApplyComparison {
    /// The path walked so far; of the first difference once there is one.
    var path = ""

    mutating func difference(desired: JSONValue, live: JSONValue?, owned: FieldOwnership?) -> Bool {
        if desired.isEmptyOrNull, live?.isEmptyOrNull ?? true { return false }
        guard let live, let owned else { return true }
        if owned.isLeaf { return !covers(desired, live) }
        switch desired {
        case .object(let fields): return objectDifference(fields, live: live, owned: owned)
        case .array(let elements): return arrayDifference(elements, live: live, owned: owned)
        default: return true
        }
    }

    private mutating func objectDifference(
        _ fields: [String: JSONValue], live: JSONValue, owned: FieldOwnership
    ) -> Bool {
        for (name, value) in fields {
            if descend("." + name, { $0.difference(desired: value, live: live[name], owned: owned.fields[name]) }) {
                return true
            }
        }
        for name in owned.fields.keys where fields[name] == nil {
            path += "." + name
            return true
        }
        return false
    }

    private mutating func arrayDifference(_ elements: [JSONValue], live: JSONValue, owned: FieldOwnership) -> Bool {
        guard let liveElements = live.array else { return true }
        if !owned.values.isEmpty { return owned.values != Set(elements) }
        guard owned.elements.count == elements.count else { return true }
        for element in elements {
            guard let (key, childOwned) = owned.elements.first(where: { matches(element, key: $0.key) }),
                let liveElement = liveElements.first(where: { matches($0, key: key) })
            else { return true }
            let label = "[" + key.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }.joined(separator: ",") + "]"
            if descend(label, { $0.elementDifference(element, live: liveElement, owned: childOwned, key: key) }) {
                return true
            }
        }
        return false
    }

    /// Merge keys that the server filled in (a port's protocol) are owned although nobody wrote them.
    private mutating func elementDifference(
        _ element: JSONValue, live: JSONValue, owned: FieldOwnership, key: [String: JSONValue]
    ) -> Bool {
        var owned = owned
        for name in key.keys where element[name] == nil { owned.fields[name] = nil }
        guard !owned.isLeaf else { return !covers(element, live) }
        return difference(desired: element, live: live, owned: owned)
    }

    private mutating func descend(_ component: String, _ body: (inout ApplyComparison) -> Bool) -> Bool {
        let before = path
        path += component
        if body(&self) { return true }
        path = before
        return false
    }

    private func matches(_ element: JSONValue, key: [String: JSONValue]) -> Bool {
        var anyWritten = false
        for (name, value) in key {
            guard let written = element[name] else { continue }
            guard written == value else { return false }
            anyWritten = true
        }
        return anyWritten
    }

    /// Whether `live` says at least what `desired` says.
    private func covers(_ desired: JSONValue, _ live: JSONValue) -> Bool {
        switch (desired, live) {
        case (.object(let fields), .object(let liveFields)):
            fields.allSatisfy { name, value in
                liveFields[name].map { covers(value, $0) } ?? value.isEmptyOrNull
            }
        case (.array(let elements), .array(let liveElements)):
            elements.count == liveElements.count && zip(elements, liveElements).allSatisfy(covers)
        default:
            desired == live || isSameQuantity(desired, live)
        }
    }

    private func isSameQuantity(_ desired: JSONValue, _ live: JSONValue) -> Bool {
        let amounts = ["limits.", "requests.", "sizeLimit", "divisor", "averageValue", "storage"]
        guard amounts.contains(where: { path.contains("." + $0) }),
            let desired = desired.scalarText.flatMap(Quantity.init), let live = live.scalarText.flatMap(Quantity.init)
        else { return false }
        return desired == live
    }
}

extension JSONValue {
    /// Whether the server may leave this out: null, an empty map, an empty list.
    fileprivate var isEmptyOrNull: Bool {
        switch self {
        case .null: true
        case .object(let fields): fields.isEmpty
        case .array(let elements): elements.isEmpty
        default: false
        }
    }

    /// The text of a string or number.
    fileprivate var scalarText: String? {
        switch self {
        case .string(let text): text
        case .integer(let value): String(value)
        case .double(let value): "\(value)"
        default: nil
        }
    }
}
