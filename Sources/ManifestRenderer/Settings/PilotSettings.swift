internal import KubernetesModel

/// What values say about the control plane.
struct PilotSettings: Hashable, Sendable {
    var scaling: Scaling
    var pod: PodSettings
    var image: String
    var podLabels: [String: String]
    var deploymentLabels: [String: String]
    var deploymentAnnotations: [String: String]
    var serviceAnnotations: [String: String]
    var serviceAccountAnnotations: [String: String]
    var seccompProfile: JSONValue?
    /// Further entries of `env`, as a container has them.
    var environmentFrom: [JSONValue]
    var extraArguments: [String]
    /// Percent of the requests, as text.
    var traceSampling: String
    var analyzes: Bool
    /// For how long a proxy keeps one connection, such as `30m`.
    var connectionAge: String
    /// `namespace/name` of the service account whose nodes may ask for certificates in the name of their Pods.
    var trustedNodeAccount: String
    var ipFamilies: [String]
    var ipFamilyPolicy: String
    var initContainers: [JSONValue]
    var volumes: [JSONValue]
    var volumeMounts: [JSONValue]
    var disruptionBudget: JSONValue
    var injector: InjectorSettings
}

extension PilotSettings {
    init(_ install: Install, reading values: inout ValuesReader) {
        scaling = Scaling(reading: &values)
        pod = PodSettings(reading: &values)
        let tag = values.text("tag")
        let hub = values.text("hub")
        let variant = values.text("variant")
        image = install.image(values.text("image"), hub: hub, tag: tag, variant: variant)
        podLabels = values.textMap("podLabels")
        deploymentLabels = values.textMap("deploymentLabels")
        deploymentAnnotations = values.textMap("deploymentAnnotations")
        serviceAnnotations = values.textMap("serviceAnnotations")
        serviceAccountAnnotations = values.textMap("serviceAccountAnnotations")
        seccompProfile = values.map("seccompProfile")
        environmentFrom = values.list("envVarFrom")
        extraArguments = values.texts("extraContainerArgs")
        traceSampling = values.text("traceSampling")
        connectionAge = values.text("keepaliveMaxServerConnectionAge")
        let namespace = values.text("trustedZtunnelNamespace")
        let name = values.text("trustedZtunnelName")
        trustedNodeAccount =
            "\(namespace.isEmpty ? install.namespace : namespace)/\(name.isEmpty ? "ztunnel" : name)"
        ipFamilies = values.texts("ipFamilies")
        ipFamilyPolicy = values.text("ipFamilyPolicy")
        initContainers = values.list("initContainers")
        volumes = values.list("volumes")
        volumeMounts = values.list("volumeMounts")
        disruptionBudget = values.map("pdb") ?? ["minAvailable": 1]
        analyzes = false
        injector = InjectorSettings()
        if pod.resources == nil { pod.resources = pilotRequests(hub: hub.isEmpty ? install.hub : hub) }
    }
}

/// What a control plane asks of its node where values say nothing.
///
/// This build's own needs far less than Istio's, which the profile differs for on purpose: it has to fit on small
/// nodes. Istio's image gets what Istio gives it.
private func pilotRequests(hub: String) -> JSONValue {
    isIstioHub(hub)
        ? ["requests": ["cpu": "500m", "memory": "2048Mi"]] : ["requests": ["cpu": "100m", "memory": "128Mi"]]
}

/// Whether images below this hub are those that the Istio project publishes.
func isIstioHub(_ hub: String) -> Bool {
    let published = ["istio", "docker.io/istio", "registry.hub.docker.com/istio", "index.docker.io/istio"]
    return published.contains(hub) || hub.hasPrefix("gcr.io/istio-") || hub.hasPrefix("registry.istio.io/")
}

/// What values say about the injection of sidecars.
struct InjectorSettings: Hashable, Sendable {
    /// `enabled` or `disabled`.
    var policy = "enabled"
    var defaultTemplates: [String] = []
    var alwaysInjectSelector: [JSONValue] = []
    var neverInjectSelector: [JSONValue] = []
    var injectedAnnotations: [String: String] = [:]
    /// Templates that a person wrote, by name.
    var templates: [String: String] = [:]
    var reinvocationPolicy = "Never"
    /// Whether Pods are injected in namespaces that say nothing about it.
    var injectsByDefault = false

    init() {}

    init(reading values: inout ValuesReader) {
        policy = values.text("global.proxy.autoInject")
        defaultTemplates = values.texts("sidecarInjectorWebhook.defaultTemplates")
        alwaysInjectSelector = values.list("sidecarInjectorWebhook.alwaysInjectSelector")
        neverInjectSelector = values.list("sidecarInjectorWebhook.neverInjectSelector")
        injectedAnnotations = values.textMap("sidecarInjectorWebhook.injectedAnnotations")
        templates = values.textMap("sidecarInjectorWebhook.templates")
        reinvocationPolicy = values.text("sidecarInjectorWebhook.reinvocationPolicy")
        injectsByDefault = values.bool("sidecarInjectorWebhook.enableNamespacesByDefault")
    }
}
