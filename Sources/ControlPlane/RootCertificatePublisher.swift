import CertificateAuthority
package import ControllerRuntime
import KubernetesClient
package import KubernetesModel

/// Keeps ConfigMap `istio-ca-root-cert` in every namespace equal to the mesh's trust bundle, so that every Pod can
/// mount what it has to trust.
package struct RootCertificatePublisher: Reconciler {
    /// Name of the ConfigMap; its key is `root-cert.pem`.
    package static let configMapName = "istio-ca-root-cert"
    /// Marks ConfigMaps that the control plane made.
    package static let labels = ["istio.io/config": "true"]
    /// Namespaces of Kubernetes itself, which never hold workloads of the mesh.
    package static let ignoredNamespaces: Set<String> = [
        "kube-system", "kube-public", "kube-node-lease", "local-path-storage",
    ]

    let namespaces: Store<ObservedNamespace>
    let published: Store<PublishedConfigMap>
    let trustBundlePEM: String
    let client: KubernetesClient

    package func reconcile(_ namespace: NamespaceName) async throws -> Requeue {
        guard let object = namespaces[ObjectKey(name: namespace.name)], !object.isTerminating,
            !RootCertificatePublisher.ignoredNamespaces.contains(namespace.name)
        else { return .none }
        let key = ObjectKey(namespace: namespace.name, name: RootCertificatePublisher.configMapName)
        guard published[key]?.rootCertificate != trustBundlePEM else { return .none }
        do {
            _ = try await client.apply(
                .configMaps, configMap(key), fieldManager: "pilot-discovery", force: true)
        } catch let error as APIError where error.isNotFound || (error.isForbidden && error.isTerminatingNamespace) {
            return .none  // the namespace went away meanwhile
        }
        return .none
    }

    private func configMap(_ key: ObjectKey) -> UnstructuredObject {
        UnstructuredObject([
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": [
                "namespace": .string(key.namespace), "name": .string(key.name),
                "labels": JSONValue(RootCertificatePublisher.labels),
            ],
            "data": ["root-cert.pem": .string(trustBundlePEM)],
        ])
    }
}

extension APIError {
    /// The server takes no new objects because the namespace is being deleted.
    fileprivate var isTerminatingNamespace: Bool { causes.contains { $0.reason == "NamespaceTerminating" } }
}

/// A namespace's name as a work-queue key.
package struct NamespaceName: Hashable, Sendable, CustomStringConvertible {
    package var name: String
    package var description: String { name }
}

/// What is watched of a namespace.
package struct ObservedNamespace: KubernetesObject, Keyed {
    package var metadata: ObjectMeta

    var isTerminating: Bool { metadata.deletionTimestamp != nil }
}

/// What is watched of the ConfigMaps that hold the root.
package struct PublishedConfigMap: KubernetesObject, Keyed {
    package var metadata: ObjectMeta
    private var data: [String: String]?

    var rootCertificate: String? {
        RootCertificatePublisher.labels.allSatisfy { metadata.labels[$0.key] == $0.value }
            ? data?["root-cert.pem"] : nil
    }
}
