import CertificateAuthority
package import ControllerRuntime
import KubernetesClient
package import KubernetesModel

/// Keeps what every Pod can mount to know whom to trust in every namespace: ConfigMap `istio-ca-root-cert` with the mesh's
/// trust bundle, and `istio-ca-crl` with certificates that were taken back, if there are any.
package struct RootCertificatePublisher: Reconciler {
    /// Name of the ConfigMap; its key is `root-cert.pem`.
    package static let configMapName = "istio-ca-root-cert"
    /// Name of the ConfigMap of certificates that were taken back; its key is `ca-crl.pem`.
    package static let revocationsName = "istio-ca-crl"
    /// Marks ConfigMaps that the control plane made.
    package static let labels = ["istio.io/config": "true"]
    /// Namespaces of Kubernetes itself, which never hold workloads of the mesh.
    package static let ignoredNamespaces: Set<String> = [
        "kube-system", "kube-public", "kube-node-lease", "local-path-storage",
    ]

    let namespaces: Store<ObservedNamespace>
    let roots: Store<PublishedConfigMap>
    let revocations: Store<PublishedConfigMap>
    let authority: MeshAuthority
    let client: KubernetesClient
    /// Nil: nobody else publishes.
    let contest: PublishingContest?

    package func reconcile(_ namespace: NamespaceName) async throws -> Requeue {
        guard let object = namespaces[ObjectKey(name: namespace.name)], !object.isTerminating,
            !RootCertificatePublisher.ignoredNamespaces.contains(namespace.name)
        else { return .none }
        let root = ObjectKey(namespace: namespace.name, name: RootCertificatePublisher.configMapName)
        try await publish(authority.material.rootCertificatePEM, "root-cert.pem", of: root, present: roots[root])
        let list = ObjectKey(namespace: namespace.name, name: RootCertificatePublisher.revocationsName)
        try await publish(authority.revocations?.pem, "ca-crl.pem", of: list, present: revocations[list])
        return .none
    }

    /// - Parameters:
    ///   - text: Nil: the ConfigMap need not be there, and one that is there holds nothing.
    ///   - present: What is there.
    private func publish(
        _ text: String?, _ name: String, of key: ObjectKey, present: PublishedConfigMap?
    ) async throws {
        guard present?.published(name) != text else { return }
        let object = ObjectReference(APIResource.configMaps.groupKind, key)
        if let contest, !contest.mayWrite(text, over: present?.metadata.resourceVersion, of: object) { return }
        let data: JSONValue = .object(text.map { [name: .string($0)] } ?? [:])
        let configMap = UnstructuredObject([
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": [
                "namespace": .string(key.namespace), "name": .string(key.name),
                "labels": JSONValue(RootCertificatePublisher.labels),
            ],
            "data": data,
        ])
        do {
            _ = try await client.apply(.configMaps, configMap, fieldManager: Self.fieldManager, force: true)
        } catch let error as APIError where error.isNotFound || (error.isForbidden && error.isTerminatingNamespace) {
            return  // the namespace went away meanwhile
        } catch let error as APIError where error.isForbidden {
            do { try await replace(configMap) } catch let second as APIError where second.isForbidden { throw error }
        }
    }

    private static let fieldManager = "pilot-discovery"

    /// As those write who may update and not patch, as Istio's own reader accounts of other clusters.
    private func replace(_ configMap: UnstructuredObject) async throws {
        guard var live = try await client.find(.configMaps, configMap.key) else {
            _ = try await client.create(.configMaps, configMap, fieldManager: Self.fieldManager)
            return
        }
        for (name, value) in Self.labels { live.json["metadata", "labels", name] = .string(value) }
        live.json["data"] = configMap.json["data"]
        _ = try await client.update(.configMaps, live, fieldManager: Self.fieldManager)
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

/// What is watched of the ConfigMaps that are published.
package struct PublishedConfigMap: KubernetesObject, Keyed {
    package var metadata: ObjectMeta
    private var data: [String: String]?

    /// The text under a name; nil without it, or if the ConfigMap is not marked as ours.
    func published(_ name: String) -> String? {
        RootCertificatePublisher.labels.allSatisfy { metadata.labels[$0.key] == $0.value } ? data?[name] : nil
    }
}
