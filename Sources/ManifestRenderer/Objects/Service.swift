internal import KubernetesModel

/// A Service; `rest` holds further fields of its spec.
func service(
    _ metadata: Metadata, selector: [String: String], ports: [JSONValue], rest: JSONValue = [:]
) -> UnstructuredObject {
    let spec: JSONValue = ["selector": JSONValue(selector), "ports": .array(ports)]
    return object(.services, metadata, ["spec": spec.merging(rest)])
}

func servicePort(_ name: String, _ port: Int64, target: Int64? = nil) -> JSONValue {
    fields([
        "name": .string(name), "port": .integer(port), "protocol": "TCP",
        "targetPort": target.map(JSONValue.integer),
    ])
}

func configMap(_ metadata: Metadata, _ data: [String: String]) -> UnstructuredObject {
    object(.configMaps, metadata, ["data": JSONValue(data)])
}
