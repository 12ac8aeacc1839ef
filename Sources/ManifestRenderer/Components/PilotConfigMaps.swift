internal import InjectionTemplates
internal import InstallationValues
internal import KubernetesModel
internal import YAML

/// The ConfigMaps that the control plane reads, and the one that tells people what was rendered.
func pilotConfigMaps(_ install: Install, _ settings: PilotSettings, _ merged: MergedSpec) -> [UnstructuredObject] {
    var objects = [valuesConfigMap(install, settings, merged)]
    if settings.hasMeshConfig { objects.append(meshConfigMap(install)) }
    if settings.injector.hasConfiguration {
        objects.append(injectorConfigMap(install, settings, values: merged.values))
    }
    if !settings.issuerRoots.isEmpty {
        objects.append(configMap(named(issuerRootsConfigMap, install), ["extra.pem": settings.issuerRoots]))
    }
    return objects + gatewayClassDefaults(install, settings)
}

/// The ConfigMap of certificates that are trusted when keys of token issuers are fetched.
let issuerRootsConfigMap = "pilot-jwks-extra-cacerts"

private func named(_ name: String, _ install: Install) -> Metadata {
    Metadata(
        name: name + install.suffix, namespace: install.namespace, labels: ["app.kubernetes.io/name": "istiod"])
}

private func meshConfigMap(_ install: Install) -> UnstructuredObject {
    let networks: JSONValue = ["networks": install.meshNetworks]
    return configMap(
        named("istio", install), ["mesh": text(install.meshConfig), "meshNetworks": text(networks)])
}

private func valuesConfigMap(
    _ install: Install, _ settings: PilotSettings, _ merged: MergedSpec
) -> UnstructuredObject {
    var metadata = named("values", install)
    metadata.annotations["kubernetes.io/description"] =
        "The values this control plane was rendered from, for people and tools to read. Changing them changes nothing."
    var values = controlPlaneValues(merged.originalValues)
    values["resources"] = settings.pod.resources
    return configMap(
        metadata,
        ["original-values": merged.originalValues.prettyJSONText, "merged-values": values.prettyJSONText])
}

/// How Pods get sidecars: when, from which templates, and the values that templates read.
private func injectorConfigMap(
    _ install: Install, _ settings: PilotSettings, values merged: JSONValue
) -> UnstructuredObject {
    let injector = settings.injector
    let builtIn = settings.suitsIstio ? builtInTemplates() : [:]
    let templates = builtIn.merging(injector.templates) { _, own in own }
    let config: JSONValue = [
        "policy": .string(injector.policy), "defaultTemplates": JSONValue(injector.defaultTemplates),
        "alwaysInjectSelector": .array(injector.alwaysInjectSelector),
        "neverInjectSelector": .array(injector.neverInjectSelector),
        "injectedAnnotations": JSONValue(injector.injectedAnnotations), "templates": JSONValue(templates),
    ]
    let values = fields([
        "global": merged["global"], "revision": .string(install.revision),
        "sidecarInjectorWebhook": merged["sidecarInjectorWebhook"],
        "gateways": fields([
            "seccompProfile": merged["gateways", "seccompProfile"],
            "securityContext": merged["gateways", "securityContext"],
        ]),
        "pilot": fields(["cni": merged["pilot", "cni"], "env": merged["pilot", "env"]]),
    ])
    return configMap(
        named("istio-sidecar-injector", install), ["config": text(config), "values": values.prettyJSONText])
}

/// What people change about the objects of Gateway API gateways, one ConfigMap for each GatewayClass.
private func gatewayClassDefaults(_ install: Install, _ settings: PilotSettings) -> [UnstructuredObject] {
    settings.gatewayClasses.sorted { $0.key < $1.key }.map { name, kinds in
        let metadata = Metadata(
            name: "istio-\(install.revisionLabel)-gatewayclass-\(name)", namespace: install.namespace,
            labels: ["app.kubernetes.io/name": "istiod", "gateway.istio.io/defaults-for-class": name])
        return configMap(metadata, (kinds.object ?? [:]).mapValues(text))
    }
}

private func text(_ value: JSONValue) -> String { yamlText(YAMLNode(value)) }
