internal import IstioAPI
internal import KubernetesModel

/// What a spec asks for and this build cannot give. Each is an error: an install without it would not be what its
/// author believes to have.
func unsupportedSettings(_ merged: MergedSpec) -> [Diagnostic] {
    let components: [(String, ComponentSpec?)] = [
        ("cni", merged.spec.components.cni), ("ztunnel", merged.spec.components.ztunnel),
        ("istiodRemote", merged.spec.components.istiodRemote),
    ]
    var diagnostics: [Diagnostic] = []
    for (name, component) in components where component != nil && component?.enabled != false {
        diagnostics.append(
            Diagnostic(
                path: "spec.components.\(name).enabled",
                message: "component \(name) is not in this build yet; set it to false"))
    }
    for unsupported in UnsupportedValue.all {
        let fields = unsupported.path.split(separator: ".").map(String.init)
        guard let value = merged.chosenValues.value(at: fields)?.nonEmpty, value != unsupported.harmless else {
            continue
        }
        let message = "\(unsupported.what) not in this build yet; remove the field"
        diagnostics.append(Diagnostic(path: "spec.values.\(unsupported.path)", message: message))
    }
    return diagnostics
}

/// A value that would add or change objects in a way that is not built.
private struct UnsupportedValue {
    var path: String
    /// What is asked for, and its verb.
    var what: String
    /// What it may say without asking for anything.
    var harmless: JSONValue?

    init(_ path: String, _ what: String, harmless: JSONValue? = nil) {
        self.path = path
        self.what = what
        self.harmless = harmless
    }

    static let all: [UnsupportedValue] =
        ofParts + ofGateway("istio-ingressgateway") + ofGateway("istio-egressgateway")

    private static let ofParts: [UnsupportedValue] = [
        UnsupportedValue("cni.enabled", "the CNI plugin is", harmless: false),
        UnsupportedValue("istioCni.enabled", "the CNI plugin is", harmless: false),
        UnsupportedValue("istio_cni.enabled", "the CNI plugin is", harmless: false),
        UnsupportedValue("pilot.cni.enabled", "the CNI plugin is", harmless: false),
        UnsupportedValue("ztunnel.enabled", "ztunnel is", harmless: false),
        UnsupportedValue("istiodRemote.enabled", "a remote control plane is", harmless: false),
        UnsupportedValue("istiodRemote.enabledLocalInjectorIstiod", "a remote control plane is", harmless: false),
        UnsupportedValue("pilot.istiodRemote.enabled", "a remote control plane is", harmless: false),
        UnsupportedValue("global.remotePilotAddress", "a remote control plane is"),
        UnsupportedValue("global.externalIstiod", "an external control plane is", harmless: false),
        UnsupportedValue("global.configCluster", "an external control plane is", harmless: false),
        UnsupportedValue("global.networkPolicy.enabled", "network policies are", harmless: false),
        UnsupportedValue("global.resourceScope", "rendering a part of the objects is", harmless: "all"),
        UnsupportedValue("experimental.stableValidationPolicy", "the stable channel's policy is", harmless: false),
        UnsupportedValue("gatewayClasses", "defaults for gateway classes are"),
        UnsupportedValue("revisionTags", "revision tags are"),
        UnsupportedValue("defaultRevision", "the default revision's validator is"),
        UnsupportedValue("base.validationURL", "a validator outside of the cluster is"),
        UnsupportedValue("sidecarInjectorWebhook.injectionURL", "an injector outside of the cluster is"),
        UnsupportedValue("pilot.taint.enabled", "the node untaint controller is", harmless: false),
        UnsupportedValue("pilot.jwksResolverExtraRootCA", "an extra root for JWKS is"),
        UnsupportedValue("pilot.crlConfigMapName", "a list of revoked certificates is"),
        UnsupportedValue("pilot.configMap", "leaving out the mesh configuration is", harmless: true),
    ]

    private static func ofGateway(_ name: String) -> [UnsupportedValue] {
        [
            UnsupportedValue("gateways.\(name).additionalContainers", "a gateway's additional containers are"),
            UnsupportedValue("gateways.\(name).customService", "a gateway without a Service is", harmless: false),
            UnsupportedValue("gateways.\(name).ingressPorts", "ports beside those of the Service are"),
            UnsupportedValue("gateways.\(name).injectionTemplate", "a gateway made by injection is"),
            UnsupportedValue("gateways.\(name).podAntiAffinityLabelSelector", "this short form of affinity is"),
            UnsupportedValue("gateways.\(name).podAntiAffinityTermLabelSelector", "this short form of affinity is"),
            UnsupportedValue(
                "gateways.\(name).name", "another name here than in spec.components is", harmless: .string(name)),
        ]
    }
}
