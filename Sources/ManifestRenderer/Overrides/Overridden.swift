internal import IstioAPI
internal import KubernetesModel

/// The manifests of all components with their `k8s` overrides, then their overlays, laid over them.
func overridden(
    _ manifests: [Manifest], _ settings: Settings, _ merged: MergedSpec, _ diagnostics: inout [Diagnostic]
) -> [Manifest] {
    var manifests = manifests
    let components = merged.spec.components
    if let overrides = components.base?.k8s, settings.enabledComponents.contains(.base) {
        let path = "spec.components.base.k8s"
        for field in (overrides.object ?? [:]).keys.sorted() where field != "overlays" {
            diagnostics.append(
                Diagnostic(
                    .warning, path: "\(path).\(field)",
                    message: "has no effect: the base has no Pods; only overlays apply to it"))
        }
        overlay(&manifests, of: .base, with: overrides, at: path, &diagnostics)
    }
    if let pilot = settings.pilot, let overrides = components.pilot?.k8s {
        let target = OverrideTarget(
            name: settings.install.istiod, container: "discovery", ownsServicePorts: false,
            path: "spec.components.pilot.k8s")
        let patches = overridePatches(
            overrides, for: target, replicasAreFree: !pilot.scaling.isAutomatic, &diagnostics)
        patch(&manifests, of: .pilot, ObjectKey(namespace: settings.install.namespace, name: target.name), patches)
        overlay(&manifests, of: .pilot, with: overrides, at: target.path, &diagnostics)
    }
    for gateway in settings.gateways {
        guard let overrides = gateway.overrides else { continue }
        let target = OverrideTarget(
            name: gateway.settings.name, container: "istio-proxy", ownsServicePorts: true,
            path: "\(gateway.path).k8s")
        let patches = overridePatches(
            overrides, for: target, replicasAreFree: !gateway.settings.scaling.isAutomatic, &diagnostics)
        let key = ObjectKey(namespace: gateway.settings.namespace, name: target.name)
        patch(&manifests, of: gateway.component, key, patches)
        overlay(&manifests, of: gateway.component, with: overrides, at: target.path, &diagnostics)
    }
    return manifests
}

private func patch(
    _ manifests: inout [Manifest], of component: Component, _ key: ObjectKey, _ patches: [String: JSONValue]
) {
    for index in manifests.indices where manifests[index].component == component {
        let object = manifests[index].object
        guard object.key == key, let patch = patches[object.kind] else { continue }
        manifests[index].object.json = object.json.strategicallyMerged(with: patch, .of(kind: object.kind))
    }
}
