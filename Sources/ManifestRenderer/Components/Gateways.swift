internal import InstallationValues
internal import KubernetesModel

/// One ingress or egress gateway.
func gatewayManifests(_ install: Install, _ gateway: GatewaySettings, of component: Component) -> [Manifest] {
    var objects = gatewayRoles(install, gateway)
    if gateway.hasService { objects.append(gatewayService(gateway)) }
    objects.append(gatewayDeployment(install, gateway, of: component))
    let metadata = gatewayMetadata(gateway)
    if install.rendersNetworkPolicies { objects.append(gatewayNetworkPolicy(install, gateway)) }
    if gateway.scaling.isAutomatic {
        objects.append(
            horizontalPodAutoscaler(metadata, of: gateway.name, scaling: gateway.scaling, facts: install.facts))
    }
    if install.allowsDisruptionBudgets, gateway.scaling.outlivesEviction {
        objects.append(
            podDisruptionBudget(
                metadata, selector: gateway.labels, rules: ["minAvailable": 1], facts: install.facts))
    }
    return objects.map { Manifest(component: component, object: $0) }
}

private func gatewayMetadata(_ gateway: GatewaySettings) -> Metadata {
    var labels = gateway.labels
    labels["app.kubernetes.io/name"] = gateway.name
    return Metadata(name: gateway.name, namespace: gateway.namespace, labels: labels)
}

/// Its account, and what lets it read the certificates of its listeners.
private func gatewayRoles(_ install: Install, _ gateway: GatewaySettings) -> [UnstructuredObject] {
    let labels = gatewayMetadata(gateway).labels
    let account = Metadata(
        name: gateway.serviceAccount, namespace: gateway.namespace, labels: labels,
        annotations: gateway.serviceAccountAnnotations)
    let access = Metadata(name: "\(gateway.name)-sds", namespace: gateway.namespace, labels: labels)
    let key = ObjectKey(namespace: gateway.namespace, name: gateway.serviceAccount)
    return [
        serviceAccount(account, imagePullSecrets: install.imagePullSecrets), role(access, gatewayAccess()),
        roleBinding(access, to: key),
    ]
}

private func gatewayService(_ gateway: GatewaySettings) -> UnstructuredObject {
    var metadata = gatewayMetadata(gateway)
    metadata.annotations = gateway.serviceAnnotations
    let type = fields(["type": JSONValue.string(gateway.serviceType).nonEmpty])
    let rest = type.merging(gateway.serviceFields)
    return service(
        metadata, selector: gateway.labels, ports: gateway.servicePorts + gateway.plainPorts, rest: rest)
}

/// Lets in what asks for its health, what scrapes its metrics, and whatever comes for its ports.
private func gatewayNetworkPolicy(_ install: Install, _ gateway: GatewaySettings) -> UnstructuredObject {
    var metadata = gatewayMetadata(gateway)
    metadata.name += install.suffix
    let traffic = (gateway.servicePorts + gateway.plainPorts).compactMap { port -> [JSONValue]? in
        (port["targetPort"] ?? port["port"]).map { [policyPort($0, protocol: port["protocol"] ?? "TCP")] }
    }
    let ports: [[JSONValue]] = [[policyPort(15021)], [policyPort(15020), policyPort(15090)]] + traffic
    return networkPolicy(metadata, pods: gateway.labels, ports: ports)
}

private func gatewayDeployment(
    _ install: Install, _ gateway: GatewaySettings, of component: Component
) -> UnstructuredObject {
    var metadata = gatewayMetadata(gateway)
    metadata.labels["istio.io/dataplane-mode"] = "none"

    let isInjected = !gateway.injectionTemplate.isEmpty
    var labels = install.podOwnerLabels(of: component)
    labels.merge(metadata.labels) { _, own in own }
    labels.merge([
        "service.istio.io/canonical-name": labelValue(for: gateway.name),
        "service.istio.io/canonical-revision": "latest", "sidecar.istio.io/inject": isInjected ? "true" : "false",
    ]) { _, own in own }
    var annotations = [
        OwnerLabel.revision: install.revisionLabel, "prometheus.io/path": "/stats/prometheus",
        "prometheus.io/port": "15020", "prometheus.io/scrape": "true",
    ]
    if isInjected {
        annotations["inject.istio.io/templates"] = gateway.injectionTemplate
    } else {
        annotations["sidecar.istio.io/inject"] = "false"
    }
    let proxy = isInjected ? injectedProxy(gateway) : proxyContainer(install, gateway).json
    let template = PodTemplate(
        labels: labels, annotations: annotations.merging(gateway.pod.annotations) { _, chosen in chosen },
        serviceAccount: gateway.serviceAccount, containers: [proxy] + gateway.additionalContainers,
        volumes: isInjected ? chosenVolumes(gateway) : gatewayVolumes(install, gateway),
        securityContext: gateway.securityContext, priorityClassName: install.priorityClassName,
        tolerations: gateway.pod.tolerations, settings: gateway.pod)
    return deployment(metadata, selector: gateway.labels, scaling: gateway.scaling, template: template)
}
