internal import KubernetesModel

/// One ingress or egress gateway.
func gatewayManifests(_ install: Install, _ gateway: GatewaySettings, of component: Component) -> [Manifest] {
    var objects = gatewayRoles(install, gateway)
    objects += [gatewayService(gateway), gatewayDeployment(install, gateway, of: component)]
    let metadata = gatewayMetadata(gateway)
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
    return service(metadata, selector: gateway.labels, ports: gateway.servicePorts, rest: rest)
}

private func gatewayDeployment(
    _ install: Install, _ gateway: GatewaySettings, of component: Component
) -> UnstructuredObject {
    var metadata = gatewayMetadata(gateway)
    metadata.labels["istio.io/dataplane-mode"] = "none"

    var labels = install.podOwnerLabels(of: component)
    labels.merge(metadata.labels) { _, own in own }
    labels.merge([
        "service.istio.io/canonical-name": labelValue(for: gateway.name),
        "service.istio.io/canonical-revision": "latest", "sidecar.istio.io/inject": "false",
    ]) { _, own in own }
    let annotations = [
        OwnerLabel.revision: install.revisionLabel, "prometheus.io/path": "/stats/prometheus",
        "prometheus.io/port": "15020", "prometheus.io/scrape": "true", "sidecar.istio.io/inject": "false",
    ]
    let user: JSONValue = gateway.runsAsRoot ? 0 : 1337
    let securityContext = fields([
        "runAsUser": user, "runAsGroup": user, "runAsNonRoot": .bool(!gateway.runsAsRoot),
        "seccompProfile": gateway.seccompProfile,
    ])
    let template = PodTemplate(
        labels: labels, annotations: annotations.merging(gateway.pod.annotations) { _, chosen in chosen },
        serviceAccount: gateway.serviceAccount, containers: [proxyContainer(install, gateway).json],
        volumes: gatewayVolumes(install, gateway), securityContext: securityContext,
        priorityClassName: install.priorityClassName, tolerations: gateway.pod.tolerations, settings: gateway.pod)
    return deployment(metadata, selector: gateway.labels, scaling: gateway.scaling, template: template)
}
