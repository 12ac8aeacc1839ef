extension APIResource {
    package static let namespaces = core("Namespace", "namespaces", isNamespaced: false)
    package static let nodes = core("Node", "nodes", isNamespaced: false)
    package static let pods = core("Pod", "pods")
    package static let services = core("Service", "services")
    package static let serviceAccounts = core("ServiceAccount", "serviceaccounts")
    package static let endpoints = core("Endpoints", "endpoints")
    package static let configMaps = core("ConfigMap", "configmaps")
    package static let secrets = core("Secret", "secrets")
    package static let events = core("Event", "events")
    package static let deployments = named("apps", "v1", "Deployment", "deployments")
    package static let statefulSets = named("apps", "v1", "StatefulSet", "statefulsets")
    package static let daemonSets = named("apps", "v1", "DaemonSet", "daemonsets")
    package static let leases = named("coordination.k8s.io", "v1", "Lease", "leases")
    package static let roles = named("rbac.authorization.k8s.io", "v1", "Role", "roles")
    package static let roleBindings = named("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings")
    package static let clusterRoles = named(
        "rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", isNamespaced: false)
    package static let clusterRoleBindings = named(
        "rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", isNamespaced: false)
    package static let customResourceDefinitions = named(
        "apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", isNamespaced: false)
    package static let mutatingWebhookConfigurations = named(
        "admissionregistration.k8s.io", "v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations",
        isNamespaced: false)
    package static let validatingWebhookConfigurations = named(
        "admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations",
        isNamespaced: false)
    package static let istioOperators = named("install.istio.io", "v1alpha1", "IstioOperator", "istiooperators")

    /// HPAs in the given version of `autoscaling` (`v2`, or `v2beta2` before Kubernetes 1.23).
    package static func horizontalPodAutoscalers(_ version: String) -> APIResource {
        named("autoscaling", version, "HorizontalPodAutoscaler", "horizontalpodautoscalers")
    }

    /// PDBs in the given version of `policy` (`v1`, or `v1beta1` before Kubernetes 1.21).
    package static func podDisruptionBudgets(_ version: String) -> APIResource {
        named("policy", version, "PodDisruptionBudget", "poddisruptionbudgets")
    }

    package static let networkPolicies = named("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies")
    package static let resourceQuotas = core("ResourceQuota", "resourcequotas")
    /// How Multus names a further network of Pods.
    package static let networkAttachmentDefinitions = named(
        "k8s.cni.cncf.io", "v1", "NetworkAttachmentDefinition", "network-attachment-definitions")

    /// ValidatingAdmissionPolicies in the given version of `admissionregistration.k8s.io` (`v1`, or `v1beta1` before
    /// Kubernetes 1.30).
    package static func validatingAdmissionPolicies(_ version: String) -> APIResource {
        named(
            "admissionregistration.k8s.io", version, "ValidatingAdmissionPolicy", "validatingadmissionpolicies",
            isNamespaced: false)
    }

    /// What puts ValidatingAdmissionPolicies into force, in the same versions.
    package static func validatingAdmissionPolicyBindings(_ version: String) -> APIResource {
        named(
            "admissionregistration.k8s.io", version, "ValidatingAdmissionPolicyBinding",
            "validatingadmissionpolicybindings", isNamespaced: false)
    }

    /// EndpointSlices in the given version of `discovery.k8s.io` (`v1`, or `v1beta1` before Kubernetes 1.21).
    package static func endpointSlices(_ version: String) -> APIResource {
        named("discovery.k8s.io", version, "EndpointSlice", "endpointslices")
    }

    private static func core(_ kind: String, _ plural: String, isNamespaced: Bool = true) -> APIResource {
        APIResource(group: "", version: "v1", kind: kind, plural: plural, isNamespaced: isNamespaced)
    }

    private static func named(
        _ group: String, _ version: String, _ kind: String, _ plural: String, isNamespaced: Bool = true
    ) -> APIResource {
        APIResource(group: group, version: version, kind: kind, plural: plural, isNamespaced: isNamespaced)
    }
}
