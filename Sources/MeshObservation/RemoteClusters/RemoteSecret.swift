import ControllerRuntime
import FoundationEssentials
import KubernetesClient
import KubernetesModel

/// What is read of a Secret that lets the control plane into other clusters: a kubeconfig for each cluster's id.
struct RemoteSecret: KubernetesObject, Keyed, Hashable {
    var metadata: ObjectMeta
    /// By cluster. No log and no dump shows them.
    var kubeconfigs: Secret<[String: String]>

    /// By which such Secrets are known.
    static let label = "istio/multiCluster"

    init(key: ObjectKey, kubeconfigs: [String: String]) {
        metadata = ObjectMeta(name: key.name, namespace: key.namespace)
        self.kubeconfigs = Secret(kubeconfigs)
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let read = try fields.decode(ObjectMeta.self, forKey: .metadata)
        metadata = ObjectMeta(name: read.name, namespace: read.namespace)
        let data = try fields.decodeIfPresent([String: Data].self, forKey: .data) ?? [:]
        kubeconfigs = Secret(data.mapValues { String(decoding: $0, as: UTF8.self) })
    }

    private enum CodingKeys: String, CodingKey { case metadata, data }

    var key: ObjectKey { metadata.key }

    /// The clusters that some Secrets lead to, other than the own one. Of several Secrets for one cluster the first by name
    /// counts.
    static func clusters(of secrets: some Sequence<RemoteSecret>, besides own: String) -> [String: RemoteAccess] {
        var clusters: [String: RemoteAccess] = [:]
        for secret in secrets.sorted(by: { $0.key < $1.key }) {
            for (id, kubeconfig) in secret.kubeconfigs.exposed where id != own && clusters[id] == nil {
                clusters[id] = RemoteAccess(secret: secret.key, kubeconfig: Secret(kubeconfig))
            }
        }
        return clusters
    }
}

/// How another cluster is reached.
struct RemoteAccess: Hashable, Sendable {
    var secret: ObjectKey
    var kubeconfig: Secret<String>
}
