internal import InstallationValues
internal import KubernetesModel

/// The control plane, or what a cluster needs whose control plane runs in another one.
func pilotManifests(_ install: Install, _ settings: PilotSettings, _ merged: MergedSpec) -> [Manifest] {
    var objects = pilotRoles(install, settings)
    objects += pilotConfigMaps(install, settings, merged)
    if settings.hasServer { objects += pilotServer(install, settings) }
    if let remote = install.remote { objects += remoteService(remote, install) }
    if install.rendersStablePolicy {
        let scope = "\(install.suffix)-\(install.namespace)"
        objects += stablePolicy(
            named: "stable-channel-policy\(scope)", binding: "stable-channel-policy-binding\(scope)", install,
            objects: [.in(OwnerLabel.revision, [install.revisionLabel])])
    }
    return objects.map { Manifest(component: settings.component, object: $0) } + pilotWebhooks(install, settings)
}

/// What runs the control plane and leads to it.
private func pilotServer(_ install: Install, _ settings: PilotSettings) -> [UnstructuredObject] {
    let metadata = pilotMetadata(install)
    var objects = [pilotService(metadata, install, settings), pilotDeployment(install, settings)]
    objects += settings.revisionTags.map { tag in
        var metadata = metadata
        metadata.name = "istiod-revision-tag-\(tag)"
        metadata.labels[tagLabel] = tag
        return pilotService(metadata, install, settings)
    }
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
    if install.rendersNetworkPolicies { objects.append(pilotNetworkPolicy(install)) }
    return objects
}

/// What Service and disruption budget select the control plane's Pods by: of one revision only.
func pilotSelector(_ install: Install) -> [String: String] {
    install.revision.isEmpty
        ? ["app": "istiod", "istio": "pilot"] : ["app": "istiod", OwnerLabel.revision: install.revision]
}

/// Value of the Pods' label `istio`. Only the unnamed revision's is `pilot`, which its Deployment selects by.
func pilotRole(_ install: Install) -> String { install.revision.isEmpty ? "pilot" : "istiod" }

func pilotMetadata(_ install: Install) -> Metadata {
    var labels = applicationLabels("istiod")
    labels["istio"] = pilotRole(install)
    return Metadata(name: install.istiod, namespace: install.namespace, labels: labels)
}

private func pilotService(
    _ metadata: Metadata, _ install: Install, _ settings: PilotSettings
) -> UnstructuredObject {
    var metadata = metadata
    metadata.annotations = settings.serviceAnnotations
    // Targets are said even where they equal the port, so that an edit of them is repaired.
    let ports: [JSONValue] = [
        servicePort("grpc-xds", 15010, target: 15010), servicePort("https-dns", 15012, target: 15012),
        servicePort("https-webhook", 443, target: 15017), servicePort("http-monitoring", 15014, target: 15014),
    ]
    let families = serviceFamilies(settings.ipFamilies, policy: settings.ipFamilyPolicy)
    return service(metadata, selector: pilotSelector(install), ports: ports, rest: families)
}

/// Which IP families a Service has, as its spec says it.
func serviceFamilies(_ families: [String], policy: String) -> JSONValue {
    fields(["ipFamilies": JSONValue(families).nonEmpty, "ipFamilyPolicy": JSONValue.string(policy).nonEmpty])
}

/// Lets everyone reach the control plane, at its own ports only.
private func pilotNetworkPolicy(_ install: Install) -> UnstructuredObject {
    let served: [JSONValue] = [15010, 15011, 15012, 8080, 15014]
    return networkPolicy(
        pilotMetadata(install), pods: ["app": "istiod", OwnerLabel.revision: install.revisionLabel],
        ports: [[policyPort(15017)], served.map { policyPort($0) }])
}

private func pilotDeployment(_ install: Install, _ settings: PilotSettings) -> UnstructuredObject {
    var metadata = pilotMetadata(install)
    metadata.labels.merge(settings.deploymentLabels) { own, _ in own }
    metadata.annotations = settings.deploymentAnnotations
    let selector = install.revision.isEmpty ? ["istio": "pilot"] : pilotSelector(install)

    var labels = install.podOwnerLabels(of: settings.component)
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
        initContainers: settings.initContainers, volumes: pilotVolumes(install, settings) + settings.volumes,
        securityContext: securityContext, priorityClassName: install.priorityClassName,
        tolerations: [cniNotReady] + settings.pod.tolerations, settings: settings.pod)
    return deployment(metadata, selector: selector, scaling: settings.scaling, template: template)
}
