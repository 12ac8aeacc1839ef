import ControllerRuntime
import IstioAPI
import KubernetesClient
import KubernetesModel
import Logging
import ManifestRenderer

/// Removes what one IstioOperator installed, workloads first.
///
/// CRDs stay (every object of users' would go with them), and so does the mesh's root: with another root, proxies
/// that run on would trust nobody. Leases whose names hold a revision or another cluster's id stay too: they do no harm,
/// and rights cannot be given for names that nobody knows beforehand.
struct Uninstallation: Sendable {
    /// How far it is.
    enum Step: Sendable {
        case waiting(String)
        /// What was kept, and how to remove it, in a sentence.
        case done(String)
    }

    /// Secrets with the mesh's root.
    static let rootSecrets = ["istio-ca-secret", "cacerts"]
    /// ConfigMap with the mesh's root that the control plane publishes to every namespace.
    static let publishedRoot = "istio-ca-root-cert"
    /// The ConfigMaps that it publishes, and the label on them.
    static let publishedConfigMaps: Set<String> = [publishedRoot, "istio-ca-crl"]
    static let publishedSelector = LabelSelector(matchLabels: ["istio.io/config": "true"])
    /// Leases that control-plane replicas make at run time, those of other clusters here too, under names that are the
    /// same in every mesh.
    static let leases = [
        "istio-ip-autoallocate", "istio-leader", "istio-namespace-controller-election",
        "istio-remote-namespace-controller-election", "istio-remote-webhook-controller-election",
        "istio-status-leader",
    ]

    private static let workloads: Set<String> = ["Deployment", "DaemonSet"]

    let client: KubernetesClient
    let owned: IstioOperatorReconciler.OwnedStores
    let logger: Logger

    func proceed(for iop: IstioOperator, besides others: [IstioOperator]) async throws -> Step {
        var mine = objects(of: Owner(iop.key))
        // Not every install has an IstioOperator that is seen here; its objects are.
        let rest = owned.values.flatMap(\.objects).filter { object in
            object.owner.map { $0 != .shared && $0 != Owner(iop.key) } ?? false
        }
        if mine.isEmpty, others.isEmpty, rest.isEmpty { mine = objects(of: .shared) }
        // Workloads end before what they need is taken away, and before what they publish at run time.
        let workloads = mine.filter { Uninstallation.workloads.contains($0.0.kind) }
        let now = workloads.isEmpty ? mine : workloads
        for (resource, object) in now where !object.isBeingDeleted {
            _ = try await client.delete(
                resource, object.key, preconditions: Preconditions(uid: object.uid),
                propagation: workloads.isEmpty ? .background : .foreground)
            logger.info("Deleted", metadata: ["object": "\(object.reference)"])
        }
        guard mine.isEmpty else {
            return .waiting(now.map(\.1.reference.description).sorted().prefix(3).joined(separator: ", "))
        }
        let isLastControlPlane =
            iop.installsControlPlane && others.allSatisfy { !$0.installsControlPlane }
            && rest.allSatisfy { $0.component != Component.pilot.rawValue }
        if isLastControlPlane { try await removePublished(by: iop) }
        return .done(try await kept(in: iop.istioNamespace))
    }

    private func objects(of owner: Owner) -> [(APIResource, OwnedObject)] {
        owned.flatMap { resource, store in
            store.objects.filter { $0.owner == owner && !InstallPlan.isKept(resource.groupKind) }
                .map { (resource, $0) }
        }
    }

    /// What control-plane replicas made at run time, besides the root.
    private func removePublished(by iop: IstioOperator) async throws {
        let scope = ListScope(labels: Uninstallation.publishedSelector)
        let published = try await client.list(.configMaps, reader: .decodable(PartialObject.self), in: scope).items
        for configMap in published where Uninstallation.publishedConfigMaps.contains(configMap.metadata.name) {
            _ = try await client.delete(.configMaps, configMap.metadata.key)
        }
        for lease in Uninstallation.leases {
            _ = try await client.delete(.leases, ObjectKey(namespace: iop.istioNamespace, name: lease))
        }
    }

    private func kept(in namespace: String) async throws -> String {
        "kept the CRDs, namespace \(namespace) and, where they exist, its Secrets "
            + Uninstallation.rootSecrets.joined(separator: " and ")
            + " (the mesh's root of trust); `apus uninstall --purge` removes these Secrets too"
    }

    /// Removes the mesh's root as well. Certificates that were issued under it are worth nothing afterwards.
    ///
    /// - Returns: What was removed.
    func purgeRoot(in namespace: String) async throws -> [ObjectReference] {
        var purged: [ObjectReference] = []
        for name in Uninstallation.rootSecrets {
            let key = ObjectKey(namespace: namespace, name: name)
            if try await client.delete(.secrets, key) {
                purged.append(ObjectReference(APIResource.secrets.groupKind, key))
            }
        }
        return purged
    }
}

extension IstioOperator {
    /// Where its control plane runs, as far as the raw spec tells; as every profile says where it does not.
    var istioNamespace: String {
        specJSON["values", "global", "istioNamespace"]?.string ?? specJSON["namespace"]?.string ?? "istio-system"
    }

    /// Whether it may run a control plane: only an explicit no counts as none.
    var installsControlPlane: Bool {
        specJSON["components", "pilot", "enabled"]?.bool ?? (specJSON["profile"]?.string != "empty")
    }
}
