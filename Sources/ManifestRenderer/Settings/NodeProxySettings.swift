internal import InstallationValues
internal import IstioAPI
internal import KubernetesModel

/// What spec and values say about ztunnel, the proxy of each node in ambient mode.
struct NodeProxySettings: Hashable, Sendable {
    var name: String
    var namespace: String
    var labels: [String: String]
    var annotations: [String: String]
    var image: String
    var imagePullPolicy: String
    var imagePullSecrets: [String]
    var pod: PodSettings
    var podLabels: [String: String]
    var updateStrategy: JSONValue
    var seLinuxOptions: JSONValue?
    /// Where it gets certificates and configuration, `host:port`.
    var certificateAddress: String
    var discoveryAddress: String
    var logLevel: String
    var logsJSON: Bool
    var network: String
    var clusterName: String
    /// What it tells the control plane about itself: variables, by name.
    var metadata: [String: String]
    var volumes: [JSONValue]
    var volumeMounts: [JSONValue]
    /// ConfigMap of the mesh's root certificate.
    var rootConfigMap: String
    /// Whether it reads a list of revoked certificates.
    var readsRevocations: Bool
    /// How many critical Pods the namespace may hold; nil for no quota.
    var podQuota: Int64?
    var rendersNetworkPolicy: Bool
}

extension NodeProxySettings {
    /// - Parameters:
    ///   - component: Its entry in the spec.
    ///   - own: Reads `values.ztunnel`.
    ///   - values: Reads all values.
    init(
        _ component: ComponentSpec, _ install: Install, own: inout ValuesReader, shared values: inout ValuesReader
    ) {
        func chosen(_ text: String, or other: String) -> String { text.isEmpty ? other : text }
        name = chosen(own.text("resourceName"), or: "ztunnel")
        namespace = component.namespace.flatMap { $0.isEmpty ? nil : $0 } ?? install.namespace
        labels = own.textMap("labels")
        annotations = own.textMap("annotations")
        image = install.image(
            own.text("image"), hub: component.hub ?? own.text("hub"), tag: component.tag ?? own.text("tag"),
            variant: own.text("variant"))
        imagePullPolicy = chosen(own.text("imagePullPolicy"), or: install.imagePullPolicy)
        let secrets = own.texts("imagePullSecrets")
        imagePullSecrets = secrets.isEmpty ? install.imagePullSecrets : secrets
        pod = PodSettings(reading: &own)
        pod.nodeSelector["kubernetes.io/os"] = pod.nodeSelector["kubernetes.io/os"] ?? "linux"
        podLabels = own.textMap("podLabels")
        updateStrategy = own.map("updateStrategy") ?? ["type": "RollingUpdate"]
        seLinuxOptions = own.map("seLinuxOptions")

        let revision = own.text("revision")
        let service =
            revision.isEmpty ? install.discoveryService : revision == "default" ? "istiod" : "istiod-\(revision)"
        let address = "\(service).\(chosen(own.text("istioNamespace"), or: install.namespace)).svc:15012"
        certificateAddress = chosen(own.text("caAddress"), or: chosen(install.caAddress, or: address))
        discoveryAddress = chosen(own.text("xdsAddress"), or: address)
        logLevel = own.text("logLevel")
        logsJSON = own.bool("logAsJson") || install.logsJSON
        network = chosen(own.text("network"), or: install.network)
        clusterName = chosen(own.text("multiCluster.clusterName"), or: install.clusterName)
        let field = "meshConfig.defaultConfig.proxyMetadata"
        metadata = values.textMap(field).merging(own.textMap(field)) { _, own in own }
        volumes = own.list("volumes")
        volumeMounts = own.list("volumeMounts")
        let root = chosen(values.text("global.trustBundleName"), or: usualRootConfigMap)
        rootConfigMap = chosen(own.text("trustBundleName"), or: root)
        readsRevocations = own.bool("peerCaCrl.enabled")
        podQuota = own.bool("resourceQuotas.enabled") ? own.integer("resourceQuotas.pods") : nil
        rendersNetworkPolicy = install.rendersNetworkPolicies
    }

    /// What stands in `values.ztunnel` that nothing is made of.
    static func unknownFields(of values: JSONValue?) -> [Diagnostic] {
        (values?.object ?? [:]).keys.sorted().filter { !fields.contains($0) }.map { field in
            let hint = Spelling.nearest(to: field, among: fields.sorted()).map { "; did you mean \"\($0)\"?" } ?? ""
            return Diagnostic(path: "spec.values.ztunnel.\(field)", message: "is not a known field\(hint)")
        }
    }

    /// The fields of `values.ztunnel`.
    private static let fields: Set<String> = [
        "affinity", "annotations", "caAddress", "enabled", "env", "hub", "image", "imagePullPolicy",
        "imagePullSecrets", "istioNamespace", "labels", "logAsJson", "logLevel", "meshConfig", "multiCluster",
        "network", "nodeSelector", "peerCaCrl", "podAnnotations", "podLabels", "resourceName", "resourceQuotas",
        "resources", "revision", "seLinuxOptions", "tag", "terminationGracePeriodSeconds", "tolerations",
        "topologySpreadConstraints", "trustBundleName", "updateStrategy", "variant", "volumeMounts", "volumes",
        "xdsAddress",
    ]
}
