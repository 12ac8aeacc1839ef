internal import InstallationValues
internal import IstioAPI
internal import KubernetesModel
internal import ObjectPatching

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
    for (overrides, target) in targets(settings, components) {
        let patches = overridePatches(overrides, for: target, &diagnostics)
        patch(&manifests, of: target.component, target.key, patches)
        overlay(&manifests, of: target.component, with: overrides, at: target.path, &diagnostics)
    }
    return manifests
}

/// The components that have Pods, with what is laid over their objects.
private func targets(_ settings: Settings, _ components: IstioComponents) -> [(JSONValue, OverrideTarget)] {
    var targets: [(JSONValue?, OverrideTarget)] = []
    let namespace = settings.install.namespace
    if let pilot = settings.pilot {
        let isRemote = pilot.component == .istiodRemote
        let field = isRemote ? "istiodRemote" : "pilot"
        let target = OverrideTarget(
            component: pilot.component, key: ObjectKey(namespace: namespace, name: settings.install.istiod),
            container: "discovery", replicasAreFree: !pilot.scaling.isAutomatic,
            path: "spec.components.\(field).k8s")
        targets.append((isRemote ? components.istiodRemote?.k8s : components.pilot?.k8s, target))
    }
    if let agent = settings.nodeAgent {
        let target = OverrideTarget(
            component: .cni, workload: .daemonSet, key: ObjectKey(namespace: agent.namespace, name: nodeAgentName),
            container: "install-cni", path: "spec.components.cni.k8s")
        targets.append((components.cni?.k8s, target))
    }
    if let proxy = settings.nodeProxy {
        let target = OverrideTarget(
            component: .ztunnel, workload: .daemonSet, key: ObjectKey(namespace: proxy.namespace, name: proxy.name),
            container: "istio-proxy", path: "spec.components.ztunnel.k8s")
        targets.append((components.ztunnel?.k8s, target))
    }
    for gateway in settings.gateways {
        let target = OverrideTarget(
            component: gateway.component,
            key: ObjectKey(namespace: gateway.settings.namespace, name: gateway.settings.name),
            container: "istio-proxy", ownsServicePorts: true,
            replicasAreFree: !gateway.settings.scaling.isAutomatic, path: "\(gateway.path).k8s")
        targets.append((gateway.overrides, target))
    }
    return targets.compactMap { overrides, target in overrides.map { ($0, target) } }
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
