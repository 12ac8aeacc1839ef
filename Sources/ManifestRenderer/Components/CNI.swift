internal import KubernetesModel

/// The CNI plugin: an agent on each node that installs it, repairs Pods it missed and, in ambient mode, takes Pods in.
func nodeAgentManifests(_ install: Install, _ agent: NodeAgentSettings) -> [Manifest] {
    var objects = nodeAgentRoles(install, agent)
    objects += [nodeAgentConfigMap(agent), nodeAgentDaemonSet(install, agent)]
    if agent.isCalledByMultus { objects.append(nodeAgentNetwork()) }
    if let pods = agent.podQuota {
        objects.append(criticalPodQuota(cniMetadata("istio-cni-resource-quota", in: agent.namespace), pods: pods))
    }
    if agent.rendersNetworkPolicy {
        // What scrapes its metrics, and the kubelet.
        let ports: [[JSONValue]] = [[policyPort(15014)], [policyPort(8000)]]
        objects.append(
            networkPolicy(
                cniMetadata("istio-cni\(install.suffix)", in: agent.namespace), pods: nodeAgentSelector, ports: ports))
    }
    return objects.map { Manifest(component: .cni, object: $0) }
}

/// Name of the agent's DaemonSet. The plugin looks for it by this name.
let nodeAgentName = "istio-cni-node"

private let nodeAgentSelector = ["k8s-app": nodeAgentName]

/// Name and labels of an object of the plugin's.
func cniMetadata(_ name: String, in namespace: String = "") -> Metadata {
    Metadata(name: name, namespace: namespace, labels: applicationLabels("istio-cni"))
}

private func nodeAgentConfigMap(_ agent: NodeAgentSettings) -> UnstructuredObject {
    configMap(cniMetadata(nodeAgentConfig, in: agent.namespace), agent.plugin.variables)
}

/// The network by whose name Pods get the plugin from Multus. Its configuration is the file that the agent writes.
private func nodeAgentNetwork() -> UnstructuredObject {
    object(.networkAttachmentDefinitions, cniMetadata("istio-cni", in: "default"))
}

private func nodeAgentDaemonSet(_ install: Install, _ agent: NodeAgentSettings) -> UnstructuredObject {
    var metadata = cniMetadata(nodeAgentName, in: agent.namespace)
    metadata.labels = ["app.kubernetes.io/name": "istio-cni"].merging(nodeAgentSelector) { $1 }
        .merging(agent.daemonSetLabels) { own, _ in own }
    var labels = install.podOwnerLabels(of: .cni).merging(agent.podLabels) { _, chosen in chosen }
    labels.merge(nodeAgentSelector) { _, own in own }
    labels.merge([
        "app.kubernetes.io/name": "istio-cni", "istio.io/dataplane-mode": "none", "sidecar.istio.io/inject": "false",
    ]) { _, own in own }
    var annotations = [
        "prometheus.io/path": "/metrics", "prometheus.io/port": "15014", "prometheus.io/scrape": "true",
        "sidecar.istio.io/inject": "false",
    ]
    if agent.usesAppArmorAnnotation {
        annotations["container.apparmor.security.beta.kubernetes.io/install-cni"] = "unconfined"
    }
    let template = PodTemplate(
        labels: labels, annotations: annotations.merging(agent.pod.annotations) { _, chosen in chosen },
        serviceAccount: nodeAgentAccount, containers: [nodeAgentContainer(install, agent)],
        volumes: nodeAgentVolumes(agent), securityContext: [:], priorityClassName: nodeCriticalClass,
        tolerations: agent.pod.tolerations, settings: agent.pod, sharesHostNetwork: agent.plugin.sharesHostNetwork)
    return daemonSet(
        metadata, selector: nodeAgentSelector, updateStrategy: agent.updateStrategy, template: template)
}
