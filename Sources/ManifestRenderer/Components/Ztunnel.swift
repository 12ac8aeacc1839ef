internal import InstallationValues
internal import KubernetesModel

/// Ztunnel: on each node, the proxy of the Pods in ambient mode.
func nodeProxyManifests(_ install: Install, _ proxy: NodeProxySettings) -> [Manifest] {
    let metadata = nodeProxyMetadata(install, proxy)
    var objects = [
        serviceAccount(metadata, imagePullSecrets: proxy.imagePullSecrets), nodeProxyDaemonSet(install, proxy),
    ]
    if install.platform == Platform.openshift.rawValue {
        var role = metadata
        role.namespace = ""
        let account = ObjectKey(namespace: proxy.namespace, name: proxy.name)
        objects += [clusterRole(role, NodeAccess.privilegedPods), clusterRoleBinding(role, to: account)]
    }
    if let pods = proxy.podQuota {
        var quota = metadata
        quota.name += "-resource-quota"
        objects.append(criticalPodQuota(quota, pods: pods))
    }
    if proxy.rendersNetworkPolicy {
        // Metrics, its administration, and traffic of Pods: plain and over HBONE.
        let ports = [15020, 15000, 15006, 15008].map { [policyPort($0)] }
        objects.append(networkPolicy(metadata, pods: nodeProxySelector, ports: ports))
    }
    return objects.map { Manifest(component: .ztunnel, object: $0) }
}

/// The label is fixed: the control plane and the agent of the node know ztunnel's Pods by it.
private let nodeProxySelector = ["app": "ztunnel"]

private func nodeProxyMetadata(_ install: Install, _ proxy: NodeProxySettings) -> Metadata {
    var annotations = proxy.annotations
    if !install.revision.isEmpty { annotations[OwnerLabel.revision] = install.revision }
    return Metadata(
        name: proxy.name, namespace: proxy.namespace,
        labels: applicationLabels("ztunnel").merging(proxy.labels) { _, chosen in chosen }, annotations: annotations)
}

private func nodeProxyDaemonSet(_ install: Install, _ proxy: NodeProxySettings) -> UnstructuredObject {
    var labels = install.podOwnerLabels(of: .ztunnel).merging(proxy.podLabels) { _, chosen in chosen }
    labels.merge(applicationLabels("ztunnel")) { _, own in own }
    labels.merge(["istio.io/dataplane-mode": "none", "sidecar.istio.io/inject": "false"]) { _, own in own }
    var annotations = ["sidecar.istio.io/inject": "false"]
    if !install.revision.isEmpty { annotations[OwnerLabel.revision] = install.revision }
    let template = PodTemplate(
        labels: labels, annotations: annotations.merging(proxy.pod.annotations) { _, chosen in chosen },
        serviceAccount: proxy.name, containers: [nodeProxyContainer(proxy).json],
        volumes: nodeProxyVolumes(install, proxy), securityContext: [:], priorityClassName: nodeCriticalClass,
        tolerations: proxy.pod.tolerations, settings: proxy.pod)
    return daemonSet(
        nodeProxyMetadata(install, proxy), selector: nodeProxySelector,
        updateStrategy: install.facts.served(updateStrategy: proxy.updateStrategy), template: template)
}
