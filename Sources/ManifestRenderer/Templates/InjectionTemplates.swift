/// The injection templates that Istio's releases have built in, by name, for whoever may look for them there: Istio's
/// own control plane, and tools.
///
/// This project's injector makes the objects of a built-in template by a typed function and reads none of these. A
/// template of the same name that a person writes takes their place.
func builtInTemplates() -> [String: String] {
    var templates = Dictionary(
        uniqueKeysWithValues: templatesWithoutText.map { ($0, "{{- /* \($0): \(hintInPlaceOfText) */ -}}") })
    templates["sidecar"] = sidecarTemplate
    templates["gateway"] = gatewayTemplate
    return templates
}

/// Those that there is no text of.
let templatesWithoutText = [
    "grpc-simple", "grpc-agent", "waypoint", "kube-gateway", "agentgateway", "agentgateway-waypoint",
]

private let hintInPlaceOfText =
    "built into this project's injector as a function. Another injector finds nothing here: give it a text of your own "
    + "through values.sidecarInjectorWebhook.templates."
