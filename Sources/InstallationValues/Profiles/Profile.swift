package import IstioAPI
internal import KubernetesModel

/// The built-in profiles: what is installed where a spec says nothing else.
package enum Profile: String, CaseIterable, Sendable {
    case `default`
    case demo
    case minimal
    case empty
    case preview
    case stable
    case remote
    case ambient
    case openshift
    case openshiftAmbient = "openshift-ambient"

    /// What the profile asks for. Every profile is laid over the default one.
    package var spec: IstioOperatorSpec { laid(over: defaultSpec()) }

    /// The profile over another default one.
    package func laid(over base: IstioOperatorSpec) -> IstioOperatorSpec {
        var spec = difference
        spec.values = chartValues.nonEmpty
        return spec.laid(over: base)
    }

    /// What the profile is for, in one line.
    package var summary: String {
        switch self {
        case .default: "The control plane and an ingress gateway, with settings fit for production."
        case .demo: "The control plane and both gateways with small requests, access logs and full tracing, to try out."
        case .minimal: "The control plane alone."
        case .empty: "Nothing: for specs that list every component themselves."
        case .preview: "As default, with what may become a default later: the proxies answer DNS queries."
        case .stable: "As default, and an admission policy that refuses kinds and fields that are not stable."
        case .remote: "What a cluster needs whose control plane runs in another one."
        case .ambient: "The control plane, the CNI plugin and ztunnel, for workloads without sidecars."
        case .openshift: "As default, with the CNI plugin, set up for OpenShift."
        case .openshiftAmbient: "As ambient, set up for OpenShift."
        }
    }

    /// Which components it installs, as far as they differ from the default profile.
    private var difference: IstioOperatorSpec {
        var spec = IstioOperatorSpec()
        switch self {
        case .default, .preview, .stable: break
        case .demo:
            spec.components.ingressGateways = [gateway("istio-ingressgateway", enabled: true)]
            spec.components.egressGateways = [gateway("istio-egressgateway", enabled: true)]
        case .minimal: spec.components.ingressGateways = noIngress
        case .empty:
            spec.components.base = component(enabled: false)
            spec.components.pilot = component(enabled: false)
            spec.components.ingressGateways = noIngress
        case .remote:
            spec.components.pilot = component(enabled: false)
            spec.components.istiodRemote = component(enabled: true)
            spec.components.ingressGateways = noIngress
        case .ambient:
            spec.components.cni = component(enabled: true)
            spec.components.ztunnel = component(enabled: true)
            spec.components.ingressGateways = noIngress
        case .openshift: spec.components.cni = component(enabled: true, in: "kube-system")
        case .openshiftAmbient:
            spec.components.cni = component(enabled: true, in: "kube-system")
            spec.components.ztunnel = component(enabled: true, in: "kube-system")
            spec.components.ingressGateways = noIngress
        }
        return spec
    }
}

/// Control plane and ingress gateway.
private func defaultSpec() -> IstioOperatorSpec {
    var spec = IstioOperatorSpec()
    spec.components.base = component(enabled: true)
    spec.components.pilot = component(enabled: true)
    spec.components.ingressGateways = [gateway("istio-ingressgateway", enabled: true)]
    spec.components.egressGateways = [gateway("istio-egressgateway", enabled: false)]
    let gateways: JSONValue = ["istio-ingressgateway": [:], "istio-egressgateway": [:]]
    spec.values = [
        "defaultRevision": "",
        "global": ["istioNamespace": "istio-system", "configValidation": true],
        "gateways": gateways,
    ]
    return spec
}

private let noIngress = [gateway("istio-ingressgateway", enabled: false)]

private func component(enabled: Bool, in namespace: String? = nil) -> ComponentSpec {
    var component = ComponentSpec()
    component.enabled = enabled
    component.namespace = namespace
    return component
}

private func gateway(_ name: String, enabled: Bool) -> GatewaySpec {
    var gateway = GatewaySpec(name: name)
    gateway.component.enabled = enabled
    return gateway
}
