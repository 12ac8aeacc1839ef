internal import KubernetesModel

/// The order of kinds within a component: what others refer to comes first, what calls a server comes last.
private let kindOrder: [String] = [
    "Namespace", "CustomResourceDefinition", "ResourceQuota", "ServiceAccount", "ClusterRole", "ClusterRoleBinding",
    "Role", "RoleBinding", "NetworkAttachmentDefinition", "ConfigMap", "NetworkPolicy", "Service", "EndpointSlice",
    "Deployment", "DaemonSet", "HorizontalPodAutoscaler", "PodDisruptionBudget", "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding",
]

extension [Manifest] {
    /// These manifests as they are to be applied: component by component, kind by kind, then by name.
    var inApplyOrder: [Manifest] {
        let components = Dictionary(uniqueKeysWithValues: Component.allCases.enumerated().map { ($1, $0) })
        let kinds = Dictionary(uniqueKeysWithValues: kindOrder.enumerated().map { ($1, $0) })
        func rank(_ manifest: Manifest) -> (Int, Int, ObjectKey) {
            let reference = manifest.reference
            return (
                components[manifest.component] ?? components.count, kinds[reference.groupKind.kind] ?? kinds.count,
                reference.key
            )
        }
        return sorted { rank($0) < rank($1) }
    }
}
