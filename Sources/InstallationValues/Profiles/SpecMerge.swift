package import IstioAPI
internal import KubernetesModel

extension IstioOperatorSpec {
    /// This spec laid over another: what it does not say is taken from there. Maps are merged key by key, lists (the
    /// gateways are one) are replaced.
    package func laid(over base: IstioOperatorSpec) -> IstioOperatorSpec {
        var spec = self
        spec.profile = profile ?? base.profile
        spec.hub = hub ?? base.hub
        spec.tag = tag ?? base.tag
        spec.namespace = namespace ?? base.namespace
        spec.revision = revision ?? base.revision
        spec.compatibilityVersion = compatibilityVersion ?? base.compatibilityVersion
        spec.meshConfig = layered(meshConfig, over: base.meshConfig)
        spec.values = layered(values, over: base.values)
        spec.unvalidatedValues = layered(unvalidatedValues, over: base.unvalidatedValues)
        spec.components = components.laid(over: base.components)
        return spec
    }
}

extension IstioComponents {
    fileprivate func laid(over base: IstioComponents) -> IstioComponents {
        var components = self
        components.base = layered(self.base, over: base.base)
        components.pilot = layered(pilot, over: base.pilot)
        components.cni = layered(cni, over: base.cni)
        components.ztunnel = layered(ztunnel, over: base.ztunnel)
        components.istiodRemote = layered(istiodRemote, over: base.istiodRemote)
        if ingressGateways.isEmpty { components.ingressGateways = base.ingressGateways }
        if egressGateways.isEmpty { components.egressGateways = base.egressGateways }
        return components
    }
}

/// A component that is listed with nothing said about it stays as it was.
private func layered(_ layer: ComponentSpec?, over base: ComponentSpec?) -> ComponentSpec? {
    guard let over = layer, let under = base else { return layer ?? base }
    var component = over
    component.enabled = component.enabled ?? under.enabled
    component.namespace = component.namespace ?? under.namespace
    component.hub = component.hub ?? under.hub
    component.tag = component.tag ?? under.tag
    component.k8s = layered(component.k8s, over: under.k8s)
    return component
}

private func layered(_ layer: JSONValue?, over base: JSONValue?) -> JSONValue? {
    guard let over = layer, let under = base else { return layer ?? base }
    return under.merging(over)
}
