package import IstioAPI
internal import KubernetesModel

/// The profiles that this build renders.
package enum Profile: String, CaseIterable, Sendable {
    case `default`
    case minimal
    case empty

    /// The profiles that Istio has besides.
    static let others = ["demo", "preview", "stable", "remote", "ambient", "openshift", "openshift-ambient"]

    /// What the profile asks for. Every profile is laid over the default one.
    package var spec: IstioOperatorSpec {
        switch self {
        case .default: defaultProfile()
        case .minimal: minimalProfile().laid(over: defaultProfile())
        case .empty: emptyProfile().laid(over: defaultProfile())
        }
    }

    /// The profile of a spec; an error at `spec.profile` if it is none that this build renders.
    static func named(_ name: String?) throws(RenderError) -> Profile {
        guard let name, !name.isEmpty else { return .default }
        if let profile = Profile(rawValue: name) { return profile }
        let rendered = allCases.map(\.rawValue).joined(separator: ", ")
        let message: String
        if others.contains(name) {
            message = "profile \"\(name)\" is not rendered by this build yet; it renders \(rendered)"
        } else {
            let hint = nearest(to: name, among: allCases.map(\.rawValue) + others)
            message =
                "there is no profile \"\(name)\"" + (hint.map { " (did you mean \"\($0)\"?)" } ?? "")
                + "; this build renders \(rendered)"
        }
        throw RenderError(diagnostics: [Diagnostic(path: "spec.profile", message: message)])
    }
}

/// Control plane and ingress gateway.
private func defaultProfile() -> IstioOperatorSpec {
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

/// The control plane alone.
private func minimalProfile() -> IstioOperatorSpec {
    var spec = IstioOperatorSpec()
    spec.components.ingressGateways = [gateway("istio-ingressgateway", enabled: false)]
    return spec
}

/// Nothing: for specs that list every component themselves.
private func emptyProfile() -> IstioOperatorSpec {
    var spec = IstioOperatorSpec()
    spec.components.base = component(enabled: false)
    spec.components.pilot = component(enabled: false)
    spec.components.ingressGateways = [gateway("istio-ingressgateway", enabled: false)]
    return spec
}

private func component(enabled: Bool) -> ComponentSpec {
    var component = ComponentSpec()
    component.enabled = enabled
    return component
}

private func gateway(_ name: String, enabled: Bool) -> GatewaySpec {
    var gateway = GatewaySpec(name: name)
    gateway.component.enabled = enabled
    return gateway
}
