package import KubernetesModel

/// Every kind that rendering can give, in each of its versions: what an operator needs access to.
package func renderedResources() -> [APIResource] {
    let access: [APIResource] = [
        .serviceAccounts, .clusterRoles, .clusterRoleBindings, .roles, .roleBindings, .networkPolicies,
        .resourceQuotas,
    ]
    let configuration: [APIResource] = [
        .namespaces, .customResourceDefinitions, .configMaps, .networkAttachmentDefinitions,
    ]
    let workloads: [APIResource] = [
        .deployments, .daemonSets, .services, .endpointSlices("v1"), .endpointSlices("v1beta1"),
        .horizontalPodAutoscalers("v2"), .horizontalPodAutoscalers("v2beta2"), .podDisruptionBudgets("v1"),
        .podDisruptionBudgets("v1beta1"),
    ]
    let admission: [APIResource] = [
        .mutatingWebhookConfigurations, .validatingWebhookConfigurations, .validatingAdmissionPolicies("v1"),
        .validatingAdmissionPolicies("v1beta1"), .validatingAdmissionPolicyBindings("v1"),
        .validatingAdmissionPolicyBindings("v1beta1"),
    ]
    return configuration + access + workloads + admission
}
