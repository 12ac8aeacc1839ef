internal import KubernetesModel

/// The control plane.
func pilotManifests(
    _ install: Install, _ settings: PilotSettings, original: JSONValue, merged: JSONValue
) -> [Manifest] {
    var objects = pilotRoles(install, settings)
    objects += pilotConfigMaps(install, settings.injector, original: original, merged: merged)
    objects += [pilotService(install, settings), pilotDeployment(install, settings)]
    let metadata = pilotMetadata(install)
    if settings.scaling.isAutomatic {
        objects.append(
            horizontalPodAutoscaler(
                metadata, of: install.istiod, scaling: settings.scaling, facts: install.facts))
    }
    if install.allowsDisruptionBudgets, settings.scaling.outlivesEviction {
        objects.append(
            podDisruptionBudget(
                metadata, selector: pilotSelector(install), rules: settings.disruptionBudget, facts: install.facts))
    }
    var manifests = objects.map { Manifest(component: .pilot, object: $0) }
    var webhooks: [UnstructuredObject] = []
    if install.rendersInjector, install.rendersWebhooks {
        webhooks.append(injectorWebhooks(install, settings.injector))
    }
    if install.rendersValidator { webhooks.append(validatorWebhooks(install)) }
    manifests += webhooks.map { Manifest(component: .pilot, object: $0, gate: .webhookServer) }
    return manifests
}

/// What Service and disruption budget select the control plane's Pods by: of one revision only.
func pilotSelector(_ install: Install) -> [String: String] {
    install.revision.isEmpty
        ? ["app": "istiod", "istio": "pilot"] : ["app": "istiod", OwnerLabel.revision: install.revision]
}

/// Value of the Pods' label `istio`. Only the unnamed revision's is `pilot`, which its Deployment selects by.
func pilotRole(_ install: Install) -> String { install.revision.isEmpty ? "pilot" : "istiod" }

private func pilotMetadata(_ install: Install) -> Metadata {
    var labels = applicationLabels("istiod")
    labels["istio"] = pilotRole(install)
    return Metadata(name: install.istiod, namespace: install.namespace, labels: labels)
}

private func pilotService(_ install: Install, _ settings: PilotSettings) -> UnstructuredObject {
    var metadata = pilotMetadata(install)
    metadata.annotations = settings.serviceAnnotations
    let ports: [JSONValue] = [
        servicePort("grpc-xds", 15010), servicePort("https-dns", 15012),
        servicePort("https-webhook", 443, target: 15017), servicePort("http-monitoring", 15014),
    ]
    let families = fields([
        "ipFamilies": JSONValue(settings.ipFamilies).nonEmpty,
        "ipFamilyPolicy": JSONValue.string(settings.ipFamilyPolicy).nonEmpty,
    ])
    return service(metadata, selector: pilotSelector(install), ports: ports, rest: families)
}

private func pilotDeployment(_ install: Install, _ settings: PilotSettings) -> UnstructuredObject {
    var metadata = pilotMetadata(install)
    metadata.labels.merge(settings.deploymentLabels) { own, _ in own }
    metadata.annotations = settings.deploymentAnnotations
    let selector = install.revision.isEmpty ? ["istio": "pilot"] : pilotSelector(install)

    var labels = install.podOwnerLabels(of: .pilot)
    labels.merge(settings.podLabels) { _, chosen in chosen }
    labels.merge(applicationLabels("istiod")) { _, own in own }
    labels.merge([
        "istio": pilotRole(install), "istio.io/dataplane-mode": "none", "sidecar.istio.io/inject": "false",
    ]) { _, own in own }
    let scraped = ["prometheus.io/port": "15014", "prometheus.io/scrape": "true", "sidecar.istio.io/inject": "false"]
    let cniNotReady: JSONValue = ["key": "cni.istio.io/not-ready", "operator": "Exists"]
    let securityContext = fields(["seccompProfile": settings.seccompProfile])

    let template = PodTemplate(
        labels: labels, annotations: scraped.merging(settings.pod.annotations) { _, chosen in chosen },
        serviceAccount: install.istiod, containers: [discoveryContainer(install, settings).json],
        initContainers: settings.initContainers, volumes: pilotVolumes(install) + settings.volumes,
        securityContext: securityContext, priorityClassName: install.priorityClassName,
        tolerations: [cniNotReady] + settings.pod.tolerations, settings: settings.pod)
    return deployment(metadata, selector: selector, scaling: settings.scaling, template: template)
}
