package import IstioAPI
internal import KubernetesModel

extension ComponentSpec {
    /// Whether the component is installed: one that is listed is, unless it says otherwise.
    package var isEnabled: Bool { enabled ?? true }
}

extension ComponentSpec? {
    /// Whether the component is listed and installed.
    package var isInstalled: Bool { self?.isEnabled ?? false }
}

extension IstioComponents {
    /// Switches components as the values say that switch some too, unless the person switched them here.
    mutating func take(enablementFrom values: JSONValue, listed: IstioComponents) {
        let hasRemote = values["istiodRemote", "enabled"]?.bool ?? values["pilot", "istiodRemote", "enabled"]?.bool
        istiodRemote = switched(istiodRemote, listed: listed.istiodRemote, by: hasRemote)
        ingressGateways = switched(
            ingressGateways, listed: listed.ingressGateways, name: "istio-ingressgateway", values: values)
        egressGateways = switched(
            egressGateways, listed: listed.egressGateways, name: "istio-egressgateway", values: values)
        cni = switched(cni, listed: listed.cni, by: values["cni", "enabled"]?.bool)
        ztunnel = switched(ztunnel, listed: listed.ztunnel, by: values["ztunnel", "enabled"]?.bool)
    }
}

private func switched(_ component: ComponentSpec?, listed: ComponentSpec?, by enabled: Bool?) -> ComponentSpec? {
    guard let enabled, listed?.enabled == nil else { return component }
    var component = component ?? ComponentSpec()
    component.enabled = enabled
    return component
}

/// `gateways`, with the one of that name switched and named as `values.gateways.<name>` says, unless the person listed
/// it among the components.
private func switched(
    _ gateways: [GatewaySpec], listed: [GatewaySpec], name: String, values: JSONValue
) -> [GatewaySpec] {
    guard !listed.contains(where: { $0.name == name }) else { return gateways }
    var gateways = gateways
    if let enabled = values["gateways", name, "enabled"]?.bool ?? values["gateways", "enabled"]?.bool {
        if let index = gateways.firstIndex(where: { $0.name == name }) {
            gateways[index].component.enabled = enabled
        } else if enabled {
            var gateway = GatewaySpec(name: name)
            gateway.component.enabled = true
            gateways.append(gateway)
        }
    }
    if listed.isEmpty, let other = values["gateways", name, "name"]?.string, !other.isEmpty,
        let index = gateways.firstIndex(where: { $0.name == name })
    {
        gateways[index].name = other
    }
    return gateways
}
