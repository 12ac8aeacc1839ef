internal import InstallationValues
internal import IstioAPI
internal import KubernetesModel

/// What spec and values say about one gateway.
struct GatewaySettings: Hashable, Sendable {
    var name: String
    var namespace: String
    /// `ingressgateway` or `egressgateway`.
    var kind: String
    /// What Deployment and Service select Pods by.
    var labels: [String: String]
    var scaling: Scaling
    var pod: PodSettings
    var image: String
    var logLevel: String
    var componentLogLevel: String
    var runsAsRoot: Bool
    /// Of its Pods.
    var securityContext: JSONValue
    /// The template that its Pods get their proxy from, by injection; empty if the Deployment says it all.
    var injectionTemplate: String
    /// Containers beside the proxy.
    var additionalContainers: [JSONValue]
    /// Whether it has a Service; some bring their own.
    var hasService: Bool
    var serviceType: String
    var servicePorts: [JSONValue]
    /// Ports of the Service that lead to the same port of the proxy.
    var plainPorts: [JSONValue]
    var serviceAnnotations: [String: String]
    var serviceAccountAnnotations: [String: String]
    /// Fields of the Service that are copied where they say something.
    var serviceFields: JSONValue
    var secretVolumes: [JSONValue]
    var configVolumes: [JSONValue]

    /// The name of its ServiceAccount.
    var serviceAccount: String { "\(name)-service-account" }
}

extension GatewaySettings {
    /// - Parameters:
    ///   - gateway: Its entry in the spec, profile included.
    ///   - kind: `ingressgateway` or `egressgateway`.
    ///   - values: All values, for what gateways have in common with proxies; read from its own part otherwise.
    init(
        _ gateway: GatewaySpec, kind: String, _ install: Install, own: inout ValuesReader,
        shared values: inout ValuesReader
    ) {
        let component = gateway.component
        name = gateway.name
        namespace = component.namespace.flatMap { $0.isEmpty ? nil : $0 } ?? install.namespace
        self.kind = kind
        labels = own.textMap("labels").merging(gateway.label) { _, said in said }
        scaling = Scaling(reading: &own)
        pod = PodSettings(reading: &own)
        pod.affinity = withAntiAffinity(pod.affinity, reading: &own)
        if pod.nodeSelector.isEmpty { pod.nodeSelector = values.textMap("global.defaultNodeSelector") }
        if pod.tolerations.isEmpty { pod.tolerations = values.list("global.defaultTolerations") }
        image = install.image(
            values.text("global.proxy.image"), hub: component.hub ?? "", tag: component.tag ?? "")
        logLevel = values.text("global.proxy.logLevel")
        componentLogLevel = values.text("global.proxy.componentLogLevel")
        runsAsRoot = own.bool("runAsRoot")
        securityContext = gatewaySecurityContext(
            install, runsAsRoot: runsAsRoot, chosen: values.map("gateways.securityContext"),
            seccompProfile: values.map("gateways.seccompProfile"))
        injectionTemplate = own.text("injectionTemplate")
        additionalContainers = own.list("additionalContainers")
        hasService = !own.bool("customService")
        serviceType = own.text("type")
        servicePorts = own.list("ports")
        plainPorts = own.list("ingressPorts").map(plainPort)
        serviceAnnotations = own.textMap("serviceAnnotations")
        serviceAccountAnnotations = own.textMap("serviceAccount.annotations")
        var fields: JSONValue = [:]
        for field in ["loadBalancerIP", "loadBalancerClass", "externalTrafficPolicy", "ipFamilyPolicy"] {
            fields[field] = JSONValue.string(own.text(field)).nonEmpty
        }
        for field in ["loadBalancerSourceRanges", "externalIPs", "ipFamilies"] {
            fields[field] = JSONValue(own.texts(field)).nonEmpty
        }
        serviceFields = fields
        secretVolumes = own.list("secretVolumes")
        configVolumes = own.list("configVolumes")
        if labels.isEmpty { own.fail("labels", "is empty, but Deployment and Service select by them") }
    }

    /// The values of one gateway: those of its kind, with what its entry in the spec says in their terms.
    static func values(of gateway: GatewaySpec, kind: String, in merged: JSONValue) -> JSONValue {
        let base = merged["gateways", "istio-\(kind)"] ?? [:]
        var said = translatedScaling(gateway.component.k8s)
        said["ports"] = gateway.component.k8s?["service", "ports"]
        return base.merging(said)
    }

    /// Ports below 1024 that the proxy would have to open without being root.
    func privilegedPorts(at path: String) -> [Diagnostic] {
        guard !runsAsRoot else { return [] }
        return servicePorts.enumerated().compactMap { index, port in
            let target = port["targetPort"]?.integer ?? port["port"]?.integer ?? 0
            guard (1..<1024).contains(target) else { return nil }
            let message =
                "\(target) is a port that only root may open; set targetPort to one from 1024 up, "
                + "or values.gateways.istio-\(kind).runAsRoot to true"
            return Diagnostic(.warning, path: "\(path)[\(index)]", message: message)
        }
    }
}

private func plainPort(_ port: JSONValue) -> JSONValue {
    fields(["port": port["port"], "name": port["name"], "protocol": port["protocol"]])
}
