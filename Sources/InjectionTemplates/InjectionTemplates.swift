internal import IstioAPI

/// The injection templates that Istio's releases have built in, by name, for whoever may look for them there: Istio's
/// own control plane, and tools.
///
/// This project's injector makes the objects of a built-in template by a typed function, as long as nobody has changed
/// its text, which a marker in the text tells. A template of the same name that a person writes takes its place.
package func builtInTemplates() -> [String: String] {
    var templates = Dictionary(
        uniqueKeysWithValues: templatesWithoutText.map { ($0, "{{- /* \($0): \(hintInPlaceOfText) */ -}}") })
    for (name, text) in [
        ("sidecar", sidecarTemplate), ("gateway", gatewayTemplate), ("grpc-simple", proxylessTemplate),
        ("grpc-agent", agentTemplate),
    ] { templates[name] = markedBuiltInTemplate(text, named: name) }
    return templates
}

/// Those that there is no text of.
package let templatesWithoutText = [
    "waypoint", "kube-gateway", "agentgateway", "agentgateway-waypoint",
]

private let hintInPlaceOfText =
    "built into this project's injector as a function. Another injector finds nothing here: give it a text of your own "
    + "through values.sidecarInjectorWebhook.templates."
