/// The fields of one object that one manager owns, read from `metadata.managedFields` (`FieldsV1`).
///
/// A node without children owns its whole value: a scalar, an atomic list or an atomic map.
package struct FieldOwnership: Hashable, Sendable {
    /// A map's fields by name (`f:`).
    package var fields: [String: FieldOwnership] = [:]
    /// A list's elements by their merge keys (`k:`).
    package var elements: [[String: JSONValue]: FieldOwnership] = [:]
    /// A list's scalar elements (`v:`).
    package var values: Set<JSONValue> = []

    package init() {}

    /// Whether the whole value is owned, not parts of it.
    package var isLeaf: Bool { fields.isEmpty && elements.isEmpty && values.isEmpty }

    /// What `manager` owns of `object` through server-side apply, and the version it applied in.
    ///
    /// - Returns: Nil if it never applied the object.
    package static func applied(by manager: String, in object: UnstructuredObject) -> (FieldOwnership, String)? {
        let entry = object.json["metadata", "managedFields"]?.array?.first {
            $0["manager"]?.string == manager && $0["operation"]?.string == "Apply"
                && ($0["subresource"]?.string ?? "").isEmpty
        }
        guard let entry, let fields = entry["fieldsV1"] else { return nil }
        return (FieldOwnership(fieldsV1: fields), entry["apiVersion"]?.string ?? "")
    }

    /// What `manager` owns of `object`, whatever it wrote it by: server-side apply, updates, patches.
    package static func owned(by manager: String, in object: UnstructuredObject) -> [FieldOwnership] {
        (object.json["metadata", "managedFields"]?.array ?? []).filter {
            $0["manager"]?.string == manager && ($0["subresource"]?.string ?? "").isEmpty
        }.compactMap { $0["fieldsV1"].map { FieldOwnership(fieldsV1: $0) } }
    }

    init(fieldsV1: JSONValue) {
        for (name, child) in fieldsV1.object ?? [:] {
            let rest = name.dropFirst(2)
            if name.hasPrefix("f:") {
                fields[String(rest)] = FieldOwnership(fieldsV1: child)
            } else if name.hasPrefix("k:"), let key = (try? JSONValue(parsing: String(rest)))?.object {
                elements[key] = FieldOwnership(fieldsV1: child)
            } else if name.hasPrefix("v:"), let value = try? JSONValue(parsing: String(rest)) {
                values.insert(value)
            }
        }
    }
}
