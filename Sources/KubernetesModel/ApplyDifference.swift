/// Where applying `desired` as `manager` would change `live`: the path of the first such field, or nil if the server
/// would answer without writing anything.
///
/// Three things are looked at for every field: the live value equals the desired one, `manager` owns it, and
/// `manager` owns nothing that is no longer desired. Values that the server spells differently (quantities), leaves
/// out (empty and zero ones) or adds (defaults) make no difference; null is as good as nothing. When in doubt there
/// is one: an apply too many costs a request, and with old servers (1.20) a write, but changes nothing.
///
/// - Returns: A path as the server writes it in conflicts, such as `.spec.containers[name="proxy"].image`; empty for
///   an object that `manager` never applied.
package func applyDifference(
    from live: UnstructuredObject, to desired: UnstructuredObject, manager: String
) -> String? {
    var body = desired.json.withoutNulls
    for field in ["apiVersion", "kind"] { body[field] = nil }
    for field in ["name", "namespace"] { body["metadata", field] = nil }
    guard let (owned, apiVersion) = FieldOwnership.applied(by: manager, in: live) else {
        return body.compacted == nil ? nil : ""  // who applies nothing but a name owns nothing
    }
    guard apiVersion == desired.apiVersion else { return "apiVersion" }
    if body["metadata"]?.compacted == nil, owned.fields["metadata"] == nil { body["metadata"] = nil }
    var comparison = ApplyComparison()
    return comparison.difference(desired: body, live: live.json, owned: owned) ? comparison.path : nil
}

/// The walk through a desired value, its live counterpart and the ownership of it, side by side.
private struct ApplyComparison {
    /// The path walked so far; of the first difference once there is one.
    var path = ""

    mutating func difference(desired: JSONValue, live: JSONValue?, owned: FieldOwnership?) -> Bool {
        if desired.isEmpty, live?.isEmpty ?? true { return false }
        if desired.isEmpty, path.hasSuffix(".labels") || path.hasSuffix(".annotations") {
            return !(owned?.isLeaf ?? true)  // those that are there are others'
        }
        guard let owned else { return true }
        guard let live else { return !(desired.isZero && owned.isLeaf) }
        if owned.isLeaf { return wholeDifference(desired, live) }
        switch desired {
        case .object(let fields): return objectDifference(fields, live: live, owned: owned)
        case .array(let elements): return arrayDifference(elements, live: live, owned: owned)
        default: return true
        }
    }

    private mutating func objectDifference(
        _ fields: [String: JSONValue], live: JSONValue, owned: FieldOwnership
    ) -> Bool {
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            if descend("." + name, { $0.difference(desired: value, live: live[name], owned: owned.fields[name]) }) {
                return true
            }
        }
        guard let name = owned.fields.keys.filter({ fields[$0] == nil }).min() else { return false }
        path += "." + name
        return true
    }

    private mutating func arrayDifference(_ elements: [JSONValue], live: JSONValue, owned: FieldOwnership) -> Bool {
        guard let liveElements = live.array else { return true }
        if !owned.values.isEmpty { return owned.values != Set(elements) }
        guard owned.elements.count == elements.count else { return true }
        for element in elements {
            guard let key = MergeKey.first(in: owned.elements.keys, of: element), let childOwned = owned.elements[key],
                let liveElement = liveElements.first(where: { MergeKey.fits(key, $0) })
            else { return true }
            if descend(
                MergeKey.label(key),
                { $0.elementDifference(element, live: liveElement, owned: childOwned, key: key) })
            {
                return true
            }
        }
        return false
    }

    /// Merge keys that the server filled in (a port's protocol) may be owned although nobody wrote them.
    private mutating func elementDifference(
        _ element: JSONValue, live: JSONValue, owned: FieldOwnership, key: MergeKey.Key
    ) -> Bool {
        var owned = owned
        for name in key.keys where element[name] == nil { owned.fields[name] = nil }
        return difference(desired: element, live: live, owned: owned)
    }

    private mutating func descend(_ component: String, _ body: (inout ApplyComparison) -> Bool) -> Bool {
        let before = path
        path += component
        if body(&self) { return true }
        path = before
        return false
    }

    // MARK: Values that are owned as a whole: scalars, atomic lists and maps

    private mutating func wholeDifference(_ desired: JSONValue, _ live: JSONValue) -> Bool {
        switch (desired, live) {
        case (.object(let fields), .object(let liveFields)): wholeMapDifference(fields, liveFields)
        case (.array(let elements), .array(let liveElements)): wholeListDifference(elements, liveElements)
        default: desired != live && !isSameNumber(desired, live) && !isSameQuantity(desired, live)
        }
    }

    private mutating func wholeMapDifference(_ fields: [String: JSONValue], _ live: [String: JSONValue]) -> Bool {
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            let isDifferent = descend("." + name) { comparison in
                guard let liveValue = live[name] else { return !value.isEmpty && !value.isZero }
                return comparison.wholeDifference(value, liveValue)
            }
            if isDifferent { return true }
        }
        let added = live.filter {
            fields[$0.key] == nil && !$0.value.isEmpty && atomicDefaults[$0.key] != $0.value
        }
        guard let name = added.keys.min() else { return false }
        path += "." + name
        return true
    }

    private mutating func wholeListDifference(_ elements: [JSONValue], _ live: [JSONValue]) -> Bool {
        guard elements.count == live.count else { return true }
        if path == ".spec.metrics" { return reorderedDifference(elements, live) }
        for (index, (element, liveElement)) in zip(elements, live).enumerated() {
            if descend("[\(index)]", { $0.wholeDifference(element, liveElement) }) { return true }
        }
        return false
    }

    /// Servers that keep autoscalers in version 1 give their metrics back in another order.
    private func reorderedDifference(_ elements: [JSONValue], _ live: [JSONValue]) -> Bool {
        var rest = live
        for element in elements {
            let match = rest.firstIndex { candidate in
                var comparison = self
                return !comparison.wholeDifference(element, candidate)
            }
            guard let match else { return true }
            rest.remove(at: match)
        }
        return false
    }

    private func isSameNumber(_ desired: JSONValue, _ live: JSONValue) -> Bool {
        switch (desired, live) {
        case (.double(let value), .integer(let other)), (.integer(let other), .double(let value)):
            Int64(exactly: value) == other
        default: false
        }
    }

    private func isSameQuantity(_ desired: JSONValue, _ live: JSONValue) -> Bool {
        guard path.hasPrefix(".spec."),
            quantityMaps.contains(where: { path.contains($0) }) || quantityFields.contains(where: path.hasSuffix),
            let desired = desired.scalarText.flatMap(Quantity.init), let live = live.scalarText.flatMap(Quantity.init)
        else { return false }
        return desired == live
    }
}

/// The fields by which the elements of a list are told apart.
private enum MergeKey {
    typealias Key = [String: JSONValue]

    /// The key that an element stands for: one that fits with the known defaults, else any that fits.
    static func first(in keys: some Collection<Key>, of element: JSONValue) -> Key? {
        keys.first { fits($0, element) } ?? keys.first { fits($0, element, withAnyDefault: true) }
    }

    static func fits(_ key: Key, _ element: JSONValue, withAnyDefault: Bool = false) -> Bool {
        var anyWritten = false
        for (name, value) in key {
            if let written = element[name] {
                guard written == value else { return false }
                anyWritten = true
            } else {
                guard withAnyDefault || (name == "protocol" && value == "TCP") else { return false }
            }
        }
        return anyWritten
    }

    /// As it stands in a path: `[containerPort=53,protocol="UDP"]`.
    static func label(_ key: Key) -> String {
        "[" + key.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",") + "]"
    }
}

/// What servers fill into maps that are owned as a whole, or that stand in lists that are.
private let atomicDefaults: [String: JSONValue] = [
    "apiVersion": "v1",  // fieldRef
    "divisor": "0",  // resourceFieldRef
    "expirationSeconds": 3600,  // serviceAccountToken
    "scope": "*",  // rules of webhooks
    "protocol": "TCP",  // ports of network policies
    "apiGroup": "rbac.authorization.k8s.io",  // users and groups among a role's subjects
]

/// Maps whose values are quantities.
private let quantityMaps = [".limits.", ".requests.", ".hard.", ".podFixed.", ".capacity."]
/// Fields that are quantities, with as much of their path as tells them from others.
private let quantityFields = [
    ".sizeLimit", ".divisor", ".target.value", ".averageValue", ".targetValue", ".targetAverageValue",
]

extension JSONValue {
    /// Whether the server may leave this out: null, an empty map, an empty list.
    fileprivate var isEmpty: Bool {
        switch self {
        case .null: true
        case .object(let fields): fields.isEmpty
        case .array(let elements): elements.isEmpty
        default: false
        }
    }

    /// Whether this is the zero of its type, which the server leaves out of fields that know no difference between
    /// zero and nothing (and still notes who owns them).
    fileprivate var isZero: Bool { self == false || self == 0 || self == 0.0 || self == "" }

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
