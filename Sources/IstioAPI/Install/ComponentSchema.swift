internal import KubernetesModel

extension Schema {
    /// `spec.components` of an IstioOperator.
    static let components = object(
        [
            Field("base", baseComponent, "What all else stands on: custom resource definitions and reader roles."),
            Field("pilot", component, "The control plane: the Deployment istiod."),
            Field("cni", component, "The node agent that sets up traffic capture, the DaemonSet istio-cni-node."),
            Field("ztunnel", component, "The node proxy of ambient mode, the DaemonSet ztunnel."),
            Field("istiodRemote", component, "What a cluster needs whose control plane runs in another cluster."),
            Field("ingressGateways", list(gateway), "Gateways for traffic that enters the mesh, one Deployment each."),
            Field("egressGateways", list(gateway), "Gateways for traffic that leaves the mesh, one Deployment each."),
        ],
        removed: [
            "citadel": partOfPilot, "galley": partOfPilot, "sidecarInjector": partOfPilot,
            "policy": "the Mixer components were removed in Istio 1.8; nothing takes their place here",
            "telemetry": "the Mixer components were removed in Istio 1.8; proxies report their metrics themselves, see "
                + "the Telemetry resource",
            "gateway": "gateways are elements of ingressGateways and egressGateways",
        ])

    private static let partOfPilot = "it has been part of istiod since Istio 1.5; remove it and configure \"pilot\""

    private static let baseComponent = object([
        enabled,
        Field("k8s", kubernetesOverrides, "Changes to the Kubernetes objects of this component."),
    ])

    private static let component = object(componentFields)

    private static let gateway = object(
        [
            Field(
                "name", string,
                "Name of the gateway's Deployment and Service. Default: istio-ingressgateway or istio-egressgateway."),
            Field("label", stringMap, "Labels laid over the gateway's own; its Service selects by them."),
        ] + componentFields)

    private static let enabled = Field(
        "enabled", boolean, "Whether it is installed. Default: a component that is listed is installed.")

    private static let componentFields = [
        enabled,
        Field("namespace", string, "Where it is installed. Default: the namespace of the control plane."),
        Field("hub", string, "Image hub for this component alone."),
        Field("tag", scalar, "Image tag for this component alone."),
        Field("k8s", kubernetesOverrides, "Changes to the Kubernetes objects of this component."),
    ]
}
