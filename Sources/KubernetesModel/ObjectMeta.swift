/// The part of `metadata` that we read of every object.
package struct ObjectMeta: Hashable, Sendable, Decodable {
    package var name: String
    /// Empty for cluster-scoped objects.
    package var namespace: String
    package var uid: String
    package var resourceVersion: String
    /// Goes up with every change of the spec; 0 where the kind has none.
    package var generation: Int64
    /// RFC 3339, UTC.
    package var creationTimestamp: String
    /// RFC 3339, UTC; set while the object waits for its finalizers.
    package var deletionTimestamp: String?
    package var labels: [String: String]
    package var annotations: [String: String]
    package var finalizers: [String]
    package var ownerReferences: [OwnerReference]

    package init(name: String, namespace: String = "", labels: [String: String] = [:]) {
        self.name = name
        self.namespace = namespace
        self.labels = labels
        uid = ""
        resourceVersion = ""
        generation = 0
        creationTimestamp = ""
        annotations = [:]
        finalizers = []
        ownerReferences = []
    }

    package var key: ObjectKey { ObjectKey(namespace: namespace, name: name) }

    private enum CodingKeys: String, CodingKey {
        case name, namespace, uid, resourceVersion, generation, creationTimestamp, deletionTimestamp, labels,
            annotations, finalizers, ownerReferences
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        name = try fields.decodeIfPresent(String.self, forKey: .name) ?? ""
        namespace = try fields.decodeIfPresent(String.self, forKey: .namespace) ?? ""
        uid = try fields.decodeIfPresent(String.self, forKey: .uid) ?? ""
        resourceVersion = try fields.decodeIfPresent(String.self, forKey: .resourceVersion) ?? ""
        generation = try fields.decodeIfPresent(Int64.self, forKey: .generation) ?? 0
        creationTimestamp = try fields.decodeIfPresent(String.self, forKey: .creationTimestamp) ?? ""
        deletionTimestamp = try fields.decodeIfPresent(String.self, forKey: .deletionTimestamp)
        labels = try fields.decodeIfPresent([String: String].self, forKey: .labels) ?? [:]
        annotations = try fields.decodeIfPresent([String: String].self, forKey: .annotations) ?? [:]
        finalizers = try fields.decodeIfPresent([String].self, forKey: .finalizers) ?? []
        ownerReferences = try fields.decodeIfPresent([OwnerReference].self, forKey: .ownerReferences) ?? []
    }

    /// Reads an object's `metadata`.
    package init(_ json: JSONValue) {
        func strings(_ field: String) -> [String: String] {
            (json[field]?.object ?? [:]).compactMapValues(\.string)
        }
        name = json["name"]?.string ?? ""
        namespace = json["namespace"]?.string ?? ""
        uid = json["uid"]?.string ?? ""
        resourceVersion = json["resourceVersion"]?.string ?? ""
        generation = json["generation"]?.integer ?? 0
        creationTimestamp = json["creationTimestamp"]?.string ?? ""
        deletionTimestamp = json["deletionTimestamp"]?.string
        labels = strings("labels")
        annotations = strings("annotations")
        finalizers = (json["finalizers"]?.array ?? []).compactMap(\.string)
        ownerReferences = (json["ownerReferences"]?.array ?? []).map(OwnerReference.init)
    }
}

/// Who owns an object, as in `metav1.OwnerReference`.
package struct OwnerReference: Hashable, Sendable, Decodable {
    package var apiVersion: String
    package var kind: String
    package var name: String
    package var uid: String
    package var controller: Bool?

    package init(apiVersion: String, kind: String, name: String, uid: String, controller: Bool? = nil) {
        self.apiVersion = apiVersion
        self.kind = kind
        self.name = name
        self.uid = uid
        self.controller = controller
    }

    init(_ json: JSONValue) {
        self.init(
            apiVersion: json["apiVersion"]?.string ?? "", kind: json["kind"]?.string ?? "",
            name: json["name"]?.string ?? "", uid: json["uid"]?.string ?? "",
            controller: json["controller"]?.bool)
    }
}

/// An object read with only the fields that its reader names: decoded straight from the server's bytes.
package protocol KubernetesObject: Sendable, Decodable {
    var metadata: ObjectMeta { get }
}

/// An object of which only the metadata is read.
package struct PartialObject: KubernetesObject, Hashable {
    package var metadata: ObjectMeta

    package init(metadata: ObjectMeta) { self.metadata = metadata }
}
