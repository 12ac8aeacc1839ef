internal import InstallationValues
internal import KubernetesModel

/// What values say about the injection of sidecars.
struct InjectorSettings: Hashable, Sendable {
    /// `enabled` or `disabled`.
    var policy: String
    /// Whether the ConfigMap is rendered.
    var hasConfiguration: Bool
    /// Whether the webhooks are.
    var hasWebhooks: Bool
    var server: WebhookServer
    var annotations: [String: String]
    var defaultTemplates: [String]
    var alwaysInjectSelector: [JSONValue]
    var neverInjectSelector: [JSONValue]
    var injectedAnnotations: [String: String]
    /// Templates that a person wrote, by name.
    var templates: [String: String]
    var reinvocationPolicy: String
    /// Whether Pods are injected in namespaces that say nothing about it.
    var injectsByDefault: Bool

    init(reading values: inout ValuesReader) {
        func first(_ fields: [String], _ values: inout ValuesReader) -> String {
            for field in fields {
                let text = values.text(field)
                if !text.isEmpty { return text }
            }
            return ""
        }
        let places = ["pilot.istiodRemote", "istiodRemote"]
        policy = values.text("global.proxy.autoInject")
        hasConfiguration = !values.bool("global.omitSidecarInjectorConfigMap")
        hasWebhooks = !values.bool("global.operatorManageWebhooks")
        server = WebhookServer(
            url: first(places.map { "\($0).injectionURL" } + ["sidecarInjectorWebhook.injectionURL"], &values),
            path: first(places.map { "\($0).injectionPath" }, &values),
            caBundle: first(places.map { "\($0).injectionCABundle" }, &values))
        annotations = values.textMap("pilot.sidecarInjectorWebhookAnnotations")
        defaultTemplates = values.texts("sidecarInjectorWebhook.defaultTemplates")
        alwaysInjectSelector = values.list("sidecarInjectorWebhook.alwaysInjectSelector")
        neverInjectSelector = values.list("sidecarInjectorWebhook.neverInjectSelector")
        injectedAnnotations = values.textMap("sidecarInjectorWebhook.injectedAnnotations")
        templates = values.textMap("sidecarInjectorWebhook.templates")
        reinvocationPolicy = values.text("sidecarInjectorWebhook.reinvocationPolicy")
        injectsByDefault = values.bool("sidecarInjectorWebhook.enableNamespacesByDefault")
        if defaultTemplates.isEmpty { defaultTemplates = ["sidecar"] }
    }
}
