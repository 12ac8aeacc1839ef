internal import KubernetesModel

extension Schema {
    /// `spec.values` of an IstioOperator: the settings of Istio's charts, by the names that its 1.2x releases know.
    static let values = object(
        [
            Field("apus", apusValues, "Settings that only this implementation knows."),
            Field("base", baseValues, "The custom resource definitions and what stands beside them."),
            Field("cni", nodeAgentValues, "The node agent that sets up traffic capture."),
            Field("compatibilityVersion", scalar, "Behave as this minor version did by default."),
            Field("defaultRevision", string, "The revision that validates configuration by default."),
            Field("experimental", freeform, "Settings that may change or go."),
            Field("gatewayClasses", freeform, "Changes to the objects of Gateway API gateways, by GatewayClass."),
            Field("gateways", gatewaysValues, "The ingress and the egress gateway."),
            Field("global", globalValues, "Settings of all parts."),
            Field("istioCni", nodeAgentUse, "Older name of pilot.cni."),
            Field("istio_cni", nodeAgentUse, "Older name of pilot.cni."),
            Field("istiodRemote", remoteControlPlane, "Older name of pilot.istiodRemote."),
            Field("meshConfig", meshConfig, "Mesh-wide settings."),
            Field("ownerName", string, "The object that owns the installation."),
            Field("pilot", pilotValues, "The control plane."),
            Field("profile", string, "A profile of the charts."),
            Field("revision", string, "Name of the control plane's revision."),
            Field("revisionTags", strings, "Further names of this revision, each with a webhook of its own."),
            Field("sidecarInjectorWebhook", injectorValues, "The webhook that adds sidecars to Pods."),
            Field("telemetry", telemetryValues, "Which metrics proxies make by default."),
            Field("ztunnel", freeform, "The node proxy of ambient mode."),
        ],
        removed: [
            "grafana": noAddOns, "kiali": noAddOns, "prometheus": noAddOns, "tracing": noAddOns,
            "mixer": partOfPilot, "galley": partOfPilot, "security": partOfPilot, "nodeagent": partOfPilot,
        ])

    private static let noAddOns = "add-ons are no longer part of an installation since Istio 1.8"
    private static let partOfPilot = "the component does not exist any more; what is left of it is in \"pilot\""

    private static let apusValues = object([
        Field(
            "rbac", oneOf("derived", "istio"),
            "Whether the control plane's roles hold what its programs use (derived, the default), or Istio's rules.")
    ])

    private static let baseValues = object([
        Field("enableCRDTemplates", boolean),
        Field("enableIstioConfigCRDs", boolean),
        Field("excludedCRDs", strings),
        Field("validateGateway", boolean),
        Field("validationCABundle", string),
        Field("validationURL", string),
    ])

    private static let injectorValues = object([
        Field("alwaysInjectSelector", list(labelSelector)),
        Field("defaultTemplates", strings),
        Field("enableNamespacesByDefault", boolean),
        Field("injectedAnnotations", map(scalar)),
        Field("injectionURL", string),
        Field("neverInjectSelector", list(labelSelector)),
        Field("reinvocationPolicy", oneOf("Never", "IfNeeded")),
        Field("rewriteAppHTTPProbe", boolean),
        Field("templates", map(string)),
    ])

    private static let telemetryValues = object([
        Field("enabled", boolean),
        Field(
            "v2",
            object([
                Field("enabled", boolean),
                Field("prometheus", object([Field("enabled", boolean)])),
                Field("stackdriver", object([Field("enabled", boolean)])),
            ])),
    ])
}
