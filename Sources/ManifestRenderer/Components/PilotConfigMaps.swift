internal import KubernetesModel
internal import YAML

/// The ConfigMaps that the control plane reads, and the one that tells people what was rendered.
func pilotConfigMaps(
    _ install: Install, _ injector: InjectorSettings, original: JSONValue, merged: JSONValue
) -> [UnstructuredObject] {
    var objects = [meshConfigMap(install), valuesConfigMap(install, original: original, merged: merged)]
    if install.rendersInjector { objects.append(injectorConfigMap(install, injector, merged: merged)) }
    return objects
}

private func named(_ name: String, _ install: Install) -> Metadata {
    Metadata(
        name: name + install.suffix, namespace: install.namespace, labels: ["app.kubernetes.io/name": "istiod"])
}

private func meshConfigMap(_ install: Install) -> UnstructuredObject {
    let networks: JSONValue = ["networks": install.meshNetworks]
    return configMap(
        named("istio", install), ["mesh": text(install.meshConfig), "meshNetworks": text(networks)])
}

private func valuesConfigMap(_ install: Install, original: JSONValue, merged: JSONValue) -> UnstructuredObject {
    var metadata = named("values", install)
    metadata.annotations["kubernetes.io/description"] =
        "The values this control plane was rendered from, for people and tools to read. Changing them changes nothing."
    return configMap(
        metadata, ["original-values": original.prettyJSONText, "merged-values": merged.prettyJSONText])
}

/// How Pods get sidecars: when, from which templates, and the values that templates read. It holds the templates that
/// a person wrote; there are no built-in ones.
private func injectorConfigMap(
    _ install: Install, _ injector: InjectorSettings, merged: JSONValue
) -> UnstructuredObject {
    let config: JSONValue = [
        "policy": .string(injector.policy), "defaultTemplates": JSONValue(injector.defaultTemplates),
        "alwaysInjectSelector": .array(injector.alwaysInjectSelector),
        "neverInjectSelector": .array(injector.neverInjectSelector),
        "injectedAnnotations": JSONValue(injector.injectedAnnotations), "templates": JSONValue(injector.templates),
    ]
    let values = fields([
        "global": merged["global"], "revision": merged["revision"],
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

private func text(_ value: JSONValue) -> String { yamlText(YAMLNode(value)) }
