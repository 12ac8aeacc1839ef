package import KubernetesModel

/// Every kind that rendering can give, in each of its versions: what an operator needs access to.
package func renderedResources() -> [APIResource] {
    [
        .namespaces, .serviceAccounts, .clusterRoles, .clusterRoleBindings, .roles, .roleBindings, .configMaps,
        .services, .deployments, .horizontalPodAutoscalers("v2"), .horizontalPodAutoscalers("v2beta2"),
        .podDisruptionBudgets("v1"), .podDisruptionBudgets("v1beta1"), .mutatingWebhookConfigurations,
        .validatingWebhookConfigurations,
    ]
}
