import KubernetesModel

extension TemplateContext {
    /// Where the agent finds its identity and leaves what the proxy needs.
    func agentMounts() -> [JSONValue] {
        var mounts = standardMounts
        if annotations["sidecar.istio.io/bootstrapOverride"] != nil {
            mounts.append(mount("custom-bootstrap-volume", "/etc/istio/custom-bootstrap"))
        }
        if values.mountsCertificates {
            mounts.append(["name": "istio-certs", "mountPath": "/etc/certs/", "readOnly": true])
        }
        return mounts + usersElements("sidecar.istio.io/userVolumeMount")
    }

    /// The volumes behind them.
    func agentVolumes() -> [JSONValue] {
        var volumes = standardVolumes
        volumes.append(tokenVolume)
        volumes.append(rootsVolume)
        volumes.append(["name": "istio-ca-crl", "configMap": ["name": "istio-ca-crl", "optional": true]])
        if let bootstrap = said("sidecar.istio.io/bootstrapOverride") {
            volumes.append(["name": "custom-bootstrap-volume", "configMap": ["name": .string(bootstrap)]])
        }
        if values.mountsCertificates {
            let account = spec["serviceAccountName"]?.string ?? ""
            let secret = "istio.\(account.isEmpty ? "default" : account)"
            volumes.append(["name": "istio-certs", "secret": ["optional": true, "secretName": .string(secret)]])
        }
        return volumes + usersElements("sidecar.istio.io/userVolume")
    }

    /// The token that the agent shows to the control plane.
    var tokenVolume: JSONValue {
        let token: JSONValue = [
            "path": "istio-token", "expirationSeconds": 43200, "audience": .string(values.tokenAudience),
        ]
        return ["name": "istio-token", "projected": ["sources": [["serviceAccountToken": token]]]]
    }

    /// The roots that the control plane is recognized by.
    var rootsVolume: JSONValue {
        let name = values.trustBundle.isEmpty ? "istio-ca-root-cert" : values.trustBundle
        return [
            "name": "istiod-ca-cert",
            "configMap": ["name": .string(name), "optional": .bool(values.certificateProvider != "istiod")],
        ]
    }

    /// Secrets for pulling images, as elements of a Pod's list.
    var imagePullSecrets: JSONValue? {
        guard !values.imagePullSecrets.isEmpty else { return .none }
        return .array(values.imagePullSecrets.map { ["name": .string($0)] })
    }

    /// What a person adds by an annotation. That it can be read was checked before.
    private func usersElements(_ annotation: String) -> [JSONValue] {
        guard let text = said(annotation), let json = try? JSONValue(parsing: text) else { return [] }
        return NamedElements(json)?.elements ?? []
    }
}

/// Elements of a Pod's list as annotations have them: a map of names to elements, or a list.
struct NamedElements {
    /// Each with its name; in the order of a list, or of the names.
    var elements: [JSONValue]

    /// Nil if it is neither.
    init?(_ json: JSONValue) {
        if let list = json.array {
            guard list.allSatisfy({ $0.object != nil && $0["name"]?.string?.isEmpty == false }) else { return nil }
            elements = list
            return
        }
        guard let map = json.object, map.values.allSatisfy({ $0.object != nil }) else { return nil }
        elements = map.sorted { $0.key < $1.key }.map { name, element in
            var element = element
            element["name"] = .string(name)
            return element
        }
    }
}

func mount(_ name: String, _ path: String) -> JSONValue { ["name": .string(name), "mountPath": .string(path)] }

private let standardMounts: [JSONValue] = [
    mount("workload-socket", "/var/run/secrets/workload-spiffe-uds"),
    mount("credential-socket", "/var/run/secrets/credential-uds"),
    mount("workload-certs", "/var/run/secrets/workload-spiffe-credentials"),
    mount("istiod-ca-cert", "/var/run/secrets/istio"), mount("istio-ca-crl", "/var/run/secrets/istio/crl"),
    mount("istio-token", "/var/run/secrets/tokens"), mount("istio-data", "/var/lib/istio/data"),
    mount("istio-envoy", "/etc/istio/proxy"), mount("istio-podinfo", "/etc/istio/pod"),
]

/// A volume without a source is an empty folder. The socket's has none, so that others can give it one.
private let standardVolumes: [JSONValue] = [
    ["name": "workload-socket"], ["name": "credential-socket", "emptyDir": [:]],
    ["name": "workload-certs", "emptyDir": [:]], ["name": "istio-envoy", "emptyDir": ["medium": "Memory"]],
    ["name": "istio-data", "emptyDir": [:]], podInformationVolume,
]

/// The Pod's own labels and annotations.
let podInformationVolume: JSONValue = [
    "name": "istio-podinfo",
    "downwardAPI": [
        "items": [
            ["path": "labels", "fieldRef": ["fieldPath": "metadata.labels"]],
            ["path": "annotations", "fieldRef": ["fieldPath": "metadata.annotations"]],
        ]
    ],
]
