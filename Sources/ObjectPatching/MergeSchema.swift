/// How the fields of Kubernetes objects are merged: the merge keys of the kinds that are rendered.
///
/// The keys are those of Kubernetes' own types (`patchMergeKey` in its OpenAPI document). A list that stands nowhere
/// here is replaced as a whole, a map is merged field by field.
package indirect enum MergeSchema: Sendable {
    /// A map. `fields` describes those that are not merged in the ordinary way.
    case map(_ fields: [String: MergeSchema] = [:], union: Union = .none)
    /// A list of maps, of which two are one if they agree in a field.
    case list(key: String, of: MergeSchema)
    /// A list of scalars, each at most once.
    case set

    /// Fields of a map of which only one may be there: setting one takes the place of the others.
    package enum Union: Sendable {
        /// They exclude nothing.
        case none
        /// One of these.
        case oneOf(Set<String>)
        /// All fields but this one.
        case allBut(String)
    }

    /// The schema of one field of a map.
    func field(_ name: String) -> MergeSchema? {
        if case .map(let fields, _) = self { fields[name] } else { nil }
    }
}

extension MergeSchema {
    /// The schema of a kind.
    package static func of(kind: String) -> MergeSchema {
        switch kind {
        case "Deployment", "DaemonSet", "StatefulSet": workload
        case "Service": .map(["metadata": metadata, "spec": .map(["ports": .list(key: "port", of: .map())])])
        case "ServiceAccount":
            .map([
                "metadata": metadata, "secrets": .list(key: "name", of: .map()),
                "imagePullSecrets": .list(key: "name", of: .map()),
            ])
        case "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration":
            .map(["metadata": metadata, "webhooks": .list(key: "name", of: .map())])
        default: .map(["metadata": metadata])
        }
    }

    private static let metadata = MergeSchema.map([
        "finalizers": .set, "ownerReferences": .list(key: "uid", of: .map()),
    ])

    private static let workload = MergeSchema.map([
        "metadata": metadata,
        "spec": .map([
            "template": .map(["metadata": metadata, "spec": pod]), "strategy": strategy, "updateStrategy": strategy,
        ]),
    ])

    /// `rollingUpdate` belongs to the type RollingUpdate only: see `StrategicMerge`.
    static let strategy = MergeSchema.map()

    private static let pod = MergeSchema.map([
        "containers": .list(key: "name", of: container), "initContainers": .list(key: "name", of: container),
        "ephemeralContainers": .list(key: "name", of: container),
        "volumes": .list(key: "name", of: .map(union: .allBut("name"))),
        "imagePullSecrets": .list(key: "name", of: .map()), "hostAliases": .list(key: "ip", of: .map()),
        "topologySpreadConstraints": .list(key: "topologyKey", of: .map()),
        "resourceClaims": .list(key: "name", of: .map()), "schedulingGates": .list(key: "name", of: .map()),
    ])

    private static let probe = MergeSchema.map(union: .oneOf(["exec", "grpc", "httpGet", "tcpSocket"]))
    private static let handler = MergeSchema.map(union: .oneOf(["exec", "httpGet", "sleep", "tcpSocket"]))

    private static let container = MergeSchema.map([
        "env": .list(key: "name", of: .map(union: .allBut("name"))),
        "ports": .list(key: "containerPort", of: .map()),
        "volumeMounts": .list(key: "mountPath", of: .map()), "volumeDevices": .list(key: "devicePath", of: .map()),
        "readinessProbe": probe, "livenessProbe": probe, "startupProbe": probe,
        "lifecycle": .map(["postStart": handler, "preStop": handler]),
    ])
}
