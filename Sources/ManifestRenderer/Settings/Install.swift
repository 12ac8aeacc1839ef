internal import InstallationValues
internal import KubernetesModel

/// What all components of one install have in common, decided once.
struct Install: Hashable, Sendable {
    /// The IstioOperator.
    var owner: ObjectKey
    var purpose: RenderInput.Purpose
    var facts: ClusterFacts
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
    var rendersNetworkPolicies: Bool
    /// Whether kinds and fields are refused that Istio does not call stable.
    var rendersStablePolicy: Bool
    var resourceScope: ResourceScope
    /// Whose rules the roles hold, if somebody chose.
    var chosenRoles: ControlPlaneRoles?
    /// Nil where the control plane runs in this cluster.
    var remote: RemoteControlPlane?
    var base: BaseSettings
    /// The mesh configuration, complete.
    var meshConfig: JSONValue
    var meshNetworks: JSONValue

    /// What names of the control plane's objects end with: empty, or `-` and the revision.
    var suffix: String { revision.isEmpty ? "" : "-\(revision)" }
    /// Value of the label `istio.io/rev`.
    var revisionLabel: String { revision.isEmpty ? "default" : revision }
    /// Name of the control plane's Deployment, Service and ServiceAccount.
    var istiod: String { "istiod\(suffix)" }
    /// Name of the Service where proxies find the control plane.
    var discoveryService: String { remote.map { $0.serviceName(besides: istiod) } ?? istiod }
    /// Where proxies find the control plane.
    var discoveryAddress: String { "\(discoveryService).\(namespace).svc:15012" }
    /// What names of cluster-scoped objects end with that Istio's usual namespace goes without.
    var namespaceSuffix: String { namespace == "istio-system" ? "" : "-\(namespace)" }

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

/// Which of an install's objects are rendered: for clusters where they have to be applied by different people.
enum ResourceScope: String, Hashable, Sendable {
    case all
    /// Those that lie in no namespace.
    case cluster
    /// Those that lie in one.
    case namespace

    func includes(_ object: ObjectKey) -> Bool {
        switch self {
        case .all: true
        case .cluster: object.namespace.isEmpty
        case .namespace: !object.namespace.isEmpty
        }
    }
}

extension Install {
    /// - Parameters:
    ///   - isRemote: Whether the control plane runs in another cluster.
    ///   - values: All values.
    init(_ input: RenderInput, isRemote: Bool, reading values: inout ValuesReader) {
        owner = input.owner
        purpose = input.purpose
        facts = input.facts
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
        rendersNetworkPolicies = values.bool("global.networkPolicy.enabled")
        rendersStablePolicy = values.bool("experimental.stableValidationPolicy")
        resourceScope = ResourceScope(rawValue: values.text("global.resourceScope")) ?? .all
        chosenRoles = values.choice("apus.rbac", of: ControlPlaneRoles.self)
        remote = isRemote ? RemoteControlPlane(reading: &values) : Optional.none
        base = BaseSettings(reading: &values)
        meshNetworks = values.map("global.meshNetworks") ?? [:]
        let domain = values.text("meshConfig.trustDomain")
        trustDomain = domain.isEmpty ? "cluster.local" : domain
        let meshID = values.text("global.meshID")
        self.meshID = meshID.isEmpty ? trustDomain : meshID
        meshConfig = [:]
        if rendersStablePolicy, facts.admissionPolicyVersion == nil {
            values.doubt(
                "experimental.stableValidationPolicy",
                "is left out: the cluster serves no ValidatingAdmissionPolicy, which Kubernetes has from 1.30 on")
        }
        if remote == nil, !values.text("global.remotePilotAddress").isEmpty {
            values.doubt(
                "global.remotePilotAddress",
                "has no effect, for the control plane runs in this cluster; enable components.istiodRemote")
        }
        if namespace.isEmpty { values.fail("global.istioNamespace", "is empty; name the control plane's namespace") }
        meshConfig = meshDefaults(for: self, meshID: meshID, reading: &values)
            .merging(values.map("meshConfig") ?? [:])
        if let variables = meshConfig["defaultConfig", "proxyMetadata"] {
            // Istio's programs read no mesh configuration in which one of them is a number or a boolean.
            meshConfig["defaultConfig", "proxyMetadata"] = variables.scalarsAsText
        }
    }
}
