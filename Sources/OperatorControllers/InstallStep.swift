import KubernetesModel
package import ManifestRenderer

extension InstallPlan.Wave {
    /// The wave's objects in groups: one group may need what the groups before it brought (a namespace, a
    /// ServiceAccount, a ConfigMap); within a group order does not matter.
    package var steps: [[Manifest]] {
        let ranked = Dictionary(grouping: manifests) { Self.rank(of: $0.reference.groupKind) }
        return ranked.sorted { $0.key < $1.key }.map(\.value)
    }

    private static func rank(of kind: GroupKind) -> Int {
        switch kind.kind {
        case "Namespace": 0
        case "CustomResourceDefinition": 1
        // Binding a role that is not there is refused to anyone who may not do everything.
        case "RoleBinding", "ClusterRoleBinding": 3
        case "Deployment", "DaemonSet", "StatefulSet": 4
        case "HorizontalPodAutoscaler", "PodDisruptionBudget": 5
        default: 2
        }
    }
}
