internal import InstallationValues
internal import KubernetesModel

/// An object of those fields that have a value.
func fields(_ fields: [String: JSONValue?]) -> JSONValue {
    .object(fields.compactMapValues { $0 })
}

/// `true`, or nothing: for fields that are false where they are absent.
func whenTrue(_ condition: Bool) -> JSONValue? {
    condition ? .some(.bool(true)) : .none
}

/// Name and labels of an object of one application, before its owner labels.
struct Metadata {
    var name: String
    /// Empty for cluster-scoped objects.
    var namespace = ""
    var labels: [String: String] = [:]
    var annotations: [String: String] = [:]

    var json: JSONValue {
        fields([
            "name": .string(name), "namespace": JSONValue.string(namespace).nonEmpty,
            "labels": JSONValue(labels).nonEmpty, "annotations": JSONValue(annotations).nonEmpty,
        ])
    }
}

/// An object of a kind: its type, its metadata and the rest of its fields.
func object(_ resource: APIResource, _ metadata: Metadata, _ rest: [String: JSONValue?] = [:]) -> UnstructuredObject {
    var json = fields(rest)
    json["apiVersion"] = .string(resource.apiVersion)
    json["kind"] = .string(resource.kind)
    json["metadata"] = metadata.json
    return UnstructuredObject(json)
}

func matchLabels(_ labels: [String: String]) -> JSONValue { ["matchLabels": JSONValue(labels)] }
