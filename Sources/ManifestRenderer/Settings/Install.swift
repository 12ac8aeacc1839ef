internal import KubernetesModel

/// What all components of one install have in common, decided once.
struct Install: Hashable, Sendable {
    /// The IstioOperator.
    var owner: ObjectKey
    /// Namespace of the control plane.
    var namespace: String
    /// Empty for the unnamed revision.
    var revision: String
    var hub: String
    var tag: String
    var variant: String
    var imagePullPolicy: String
    var imagePullSecrets: [String]
    var priorityClassName: String
    var clusterDomain: String
    var trustDomain: String
    /// Name of the cluster in a mesh of several.
    var clusterName: String
    var network: String
    var meshID: String
    var platform: String
    /// Where proxies get certificates, `host:port`; empty for the control plane itself.
    var caAddress: String
    var certificateProvider: String
    var tokenAudience: String
    var logLevel: String
    var logsJSON: Bool
    var allowsDisruptionBudgets: Bool
    var rendersReader: Bool
    var rendersValidator: Bool
    var rendersInjector: Bool
    var rendersWebhooks: Bool
    /// The mesh configuration, complete.
    var meshConfig: JSONValue
    var meshNetworks: JSONValue
    var facts: ClusterFacts

    /// What names of the control plane's objects end with: empty, or `-` and the revision.
    var suffix: String { revision.isEmpty ? "" : "-\(revision)" }
    /// Value of the label `istio.io/rev`.
    var revisionLabel: String { revision.isEmpty ? "default" : revision }
    /// Name of the control plane's Deployment, Service and ServiceAccount.
    var istiod: String { "istiod\(suffix)" }
    /// Where proxies find the control plane.
    var discoveryAddress: String { "\(istiod).\(namespace).svc:15012" }

    /// The reference of an image: `image` itself if it says where it comes from, else a name below hub.
    func image(_ image: String, hub: String = "", tag: String = "", variant: String = "") -> String {
        if image.contains("/") { return image }
        let hub = hub.isEmpty ? self.hub : hub
        let tag = tag.isEmpty ? self.tag : tag
        let variant = variant.isEmpty ? self.variant : variant
        let name = "\(hub)/\(image)"
        return tag.isEmpty ? name : "\(name):\(tag)" + (variant.isEmpty ? "" : "-\(variant)")
    }
}

extension Install {
    init(_ owner: ObjectKey, _ facts: ClusterFacts, reading values: inout ValuesReader) {
        self.owner = owner
        self.facts = facts
        namespace = values.text("global.istioNamespace")
        let name = values.text("revision")
        revision = name == "default" ? "" : name
        hub = values.text("global.hub")
        tag = values.text("global.tag")
        variant = values.text("global.variant")
        let policy = values.text("global.imagePullPolicy")
        imagePullPolicy = policy.isEmpty ? "IfNotPresent" : policy
        imagePullSecrets = values.texts("global.imagePullSecrets")
        priorityClassName = values.text("global.priorityClassName")
        clusterDomain = values.text("global.proxy.clusterDomain")
        let cluster = values.text("global.multiCluster.clusterName")
        clusterName = cluster.isEmpty ? "Kubernetes" : cluster
        network = values.text("global.network")
        platform = values.text("global.platform")
        caAddress = values.text("global.caAddress")
        certificateProvider = values.text("global.pilotCertProvider")
        tokenAudience = values.text("global.sds.token.aud")
        logLevel = values.text("global.logging.level")
        logsJSON = values.bool("global.logAsJson")
        allowsDisruptionBudgets = values.bool("global.defaultPodDisruptionBudget.enabled")
        rendersReader = values.bool("global.enableReaderRBAC")
        rendersValidator = values.bool("global.configValidation")
        rendersInjector = !values.bool("global.omitSidecarInjectorConfigMap")
        rendersWebhooks = !values.bool("global.operatorManageWebhooks")
        meshNetworks = values.map("global.meshNetworks") ?? [:]
        let mesh = values.map("meshConfig") ?? [:]
        let domain = values.text("meshConfig.trustDomain")
        trustDomain = domain.isEmpty ? "cluster.local" : domain
        let meshID = values.text("global.meshID")
        self.meshID = meshID.isEmpty ? trustDomain : meshID
        meshConfig = [:]
        switch values.text("apus.rbac") {
        case "derived": break
        case "istio": values.fail("apus.rbac", "\"istio\" is not in this build yet; it grants \"derived\" only")
        case let other: values.fail("apus.rbac", "is \"\(other)\"; allowed are \"derived\" and \"istio\"")
        }
        if namespace.isEmpty { values.fail("global.istioNamespace", "is empty; name the control plane's namespace") }
        meshConfig = builtInMeshConfig.merging(mesh)
        if !meshID.isEmpty, meshConfig["defaultConfig", "meshId"] == nil {
            meshConfig["defaultConfig", "meshId"] = .string(meshID)
        }
    }

    /// The mesh configuration where values say nothing.
    private var builtInMeshConfig: JSONValue {
        [
            "defaultConfig": ["discoveryAddress": .string(discoveryAddress)],
            "defaultProviders": ["metrics": ["prometheus"]],
            "enablePrometheusMerge": true,
            "rootNamespace": .string(namespace),
            "trustDomain": .string(trustDomain),
        ]
    }
}
