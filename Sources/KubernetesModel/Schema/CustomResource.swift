/// A kind that a custom resource definition adds to the API server: all that is in the definition.
package struct CustomResource: Sendable {
    /// One version in which the kind is served or stored.
    package struct Version: Sendable {
        package var name: String
        package var isServed: Bool
        package var isStored: Bool
        /// The `spec` field.
        package var spec: Schema
        /// Whether the API server stores whatever stands in `spec`, and the kind's controller tells in `status` what is
        /// wrong with it. Otherwise the API server refuses it.
        package var isCheckedByController: Bool
        /// Whether there is no object without `spec`.
        package var isSpecRequired: Bool
        /// The `status` field; with it the version has the status subresource. Nil: neither.
        package var status: Schema?
        /// What `kubectl get` shows besides the name.
        package var columns: [Column]

        package init(
            _ name: String, isServed: Bool = true, isStored: Bool = false, spec: Schema,
            isCheckedByController: Bool = false, isSpecRequired: Bool = false, status: Schema? = nil,
            columns: [Column] = []
        ) {
            self.name = name
            self.isServed = isServed
            self.isStored = isStored
            self.spec = spec
            self.isCheckedByController = isCheckedByController
            self.isSpecRequired = isSpecRequired
            self.status = status
            self.columns = columns
        }
    }

    /// One column of `kubectl get`.
    package struct Column: Sendable {
        package var name: String
        /// `string`, `integer`, `number`, `boolean` or `date`.
        package var type: String
        /// Such as `.status.status`.
        package var path: String
        package var description: String
        /// 0 always shows, anything higher only with `-o wide`.
        package var priority: Int64

        package init(_ name: String, type: String = "string", path: String, _ description: String, priority: Int64 = 0)
        {
            self.name = name
            self.type = type
            self.path = path
            self.description = description
            self.priority = priority
        }

        /// The column that every kind ends with.
        package static let age = Column(
            "Age", type: "date", path: ".metadata.creationTimestamp", "How long ago the object was created.")
    }

    package var group: String
    package var kind: String
    /// Lower-case plural, as in URLs.
    package var plural: String
    package var shortNames: [String]
    /// Names that stand for several kinds in `kubectl get`, such as `istio-io`.
    package var categories: [String]
    package var isNamespaced: Bool
    package var description: String
    /// The first is the one that clients of ours read and write.
    package var versions: [Version]

    package init(
        group: String, kind: String, plural: String, shortNames: [String] = [], categories: [String] = [],
        isNamespaced: Bool = true, description: String, versions: [Version]
    ) {
        self.group = group
        self.kind = kind
        self.plural = plural
        self.shortNames = shortNames
        self.categories = categories
        self.isNamespaced = isNamespaced
        self.description = description
        self.versions = versions
    }
}

extension CustomResource {
    /// The `CustomResourceDefinition` (`apiextensions.k8s.io/v1`), accepted by Kubernetes 1.25 and later.
    package var definition: JSONValue { definition(hasRules: true) }

    /// The `CustomResourceDefinition` (`apiextensions.k8s.io/v1`), accepted by Kubernetes 1.16 and later.
    ///
    /// - Parameter hasRules: Whether it holds rules in the Common Expression Language, which server-side apply takes
    ///   from Kubernetes 1.25 on.
    package func definition(hasRules: Bool) -> JSONValue {
        var names: JSONValue = [
            "kind": .string(kind), "listKind": .string(kind + "List"), "plural": .string(plural),
            "singular": .string(kind.lowercased()),
        ]
        if !shortNames.isEmpty { names["shortNames"] = JSONValue(shortNames) }
        if !categories.isEmpty { names["categories"] = JSONValue(categories) }
        return [
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": ["name": "\(plural).\(group)"],
            "spec": [
                "group": .string(group),
                "names": names,
                "scope": isNamespaced ? "Namespaced" : "Cluster",
                "versions": .array(versions.map { $0.json(description: description, hasRules: hasRules) }),
            ],
        ]
    }
}

extension CustomResource.Version {
    fileprivate func json(description: String, hasRules: Bool) -> JSONValue {
        let detail: SchemaDetail = hasRules ? .strict : .withoutRules
        var fields = [
            Schema.Field("apiVersion", .string, "The group and version that this object is written in."),
            Schema.Field("kind", .string, "The kind of this object."),
            Schema.Field("metadata", Schema(.object([], unknown: .dropped, removed: [:]))),
        ]
        if let status { fields.append(Schema.Field("status", status)) }
        var schema = Schema.object(fields, unknown: .dropped).described(description).openAPI(detail)
        schema["properties", "metadata"] = ["type": "object"]
        schema["properties", "spec"] = spec.openAPI(isCheckedByController ? .names : detail)
        if isSpecRequired { schema["required"] = ["spec"] }
        var json: JSONValue = [
            "name": .string(name), "served": .bool(isServed), "storage": .bool(isStored),
            "schema": ["openAPIV3Schema": schema],
        ]
        if status != nil { json["subresources"] = ["status": [:]] }
        if !columns.isEmpty { json["additionalPrinterColumns"] = .array(columns.map(\.json)) }
        return json
    }
}

extension CustomResource.Column {
    fileprivate var json: JSONValue {
        var json: JSONValue = [
            "name": .string(name), "type": .string(type), "jsonPath": .string(path),
            "description": .string(description),
        ]
        if priority != 0 { json["priority"] = .integer(priority) }
        return json
    }
}
