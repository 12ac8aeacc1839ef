/// A whole object as JSON, with the names that every object has.
package struct UnstructuredObject: Hashable, Sendable {
    /// Always a JSON object.
    package var json: JSONValue

    package init(_ json: JSONValue) { self.json = json }

    package var apiVersion: String { json["apiVersion"]?.string ?? "" }
    package var kind: String { json["kind"]?.string ?? "" }
    package var groupVersionKind: GroupVersionKind { GroupVersionKind(apiVersion: apiVersion, kind: kind) }
    package var name: String { json["metadata", "name"]?.string ?? "" }
    package var namespace: String { json["metadata", "namespace"]?.string ?? "" }
    package var key: ObjectKey { ObjectKey(namespace: namespace, name: name) }
    package var reference: ObjectReference { ObjectReference(groupVersionKind.groupKind, key) }
    package var metadata: ObjectMeta { ObjectMeta(json["metadata"] ?? .null) }
    package var labels: [String: String] { (json["metadata", "labels"]?.object ?? [:]).compactMapValues(\.string) }
}
