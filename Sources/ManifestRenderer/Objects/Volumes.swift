internal import KubernetesModel

/// A folder that lives as long as its Pod; in memory if secrets lie there.
func emptyFolder(_ name: String, inMemory: Bool = false) -> JSONValue {
    ["name": .string(name), "emptyDir": inMemory ? ["medium": "Memory"] : [:]]
}

/// A Secret as files. Its Pod starts without it if it may be missing.
func secretVolume(_ name: String, secret: String, optional: Bool = true) -> JSONValue {
    ["name": .string(name), "secret": fields(["secretName": .string(secret), "optional": whenTrue(optional)])]
}

/// A ConfigMap as files.
func configMapVolume(_ name: String, configMap: String, optional: Bool = false) -> JSONValue {
    ["name": .string(name), "configMap": fields(["name": .string(configMap), "optional": whenTrue(optional)])]
}

/// A token of the Pod's service account for one audience, as a file of the volume's name. Valid for 12 hours; the
/// kubelet renews it.
func tokenVolume(_ name: String, audience: String) -> JSONValue {
    let token: JSONValue = ["audience": .string(audience), "expirationSeconds": 43200, "path": .string(name)]
    return ["name": .string(name), "projected": ["sources": [["serviceAccountToken": token]]]]
}

/// The Pod's own labels and annotations as files.
func podInfoVolume(_ name: String) -> JSONValue {
    let items: [JSONValue] = ["labels", "annotations"].map { field in
        ["path": .string(field), "fieldRef": ["apiVersion": "v1", "fieldPath": .string("metadata.\(field)")]]
    }
    return ["name": .string(name), "downwardAPI": ["items": .array(items)]]
}
