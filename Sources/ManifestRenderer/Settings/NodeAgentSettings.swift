internal import InstallationValues
internal import IstioAPI
internal import KubernetesModel

/// What spec and values say about the CNI plugin and the agent that installs it on each node.
struct NodeAgentSettings: Hashable, Sendable {
    var namespace: String
    var image: String
    /// Tag of the image, for the plugin to compare itself with.
    var version: String
    var imagePullPolicy: String
    var pod: PodSettings
    var podLabels: [String: String]
    var daemonSetLabels: [String: String]
    var updateStrategy: JSONValue
    var logLevel: String
    var isPrivileged: Bool
    var seccompProfile: JSONValue?
    var seLinuxOptions: JSONValue?
    /// Whether AppArmor is told by an annotation, which Kubernetes before 1.30 needs, or by a field.
    var usesAppArmorAnnotation: Bool
    /// Where the node keeps the programs of CNI plugins, their configuration, and network namespaces.
    var programs: String
    var configuration: String
    var networkNamespaces: String
    var plugin: PluginSettings
    /// Whether Multus calls the plugin.
    var isCalledByMultus: Bool
    /// How many critical Pods the namespace may hold; nil for no quota.
    var podQuota: Int64?
    var rendersNetworkPolicy: Bool
    /// A ClusterRole that the agent is bound to in its namespace besides; empty for none.
    var furtherRole: String
}

/// How the plugin works: what it reads from its ConfigMap.
struct PluginSettings: Hashable, Sendable {
    /// What is done about Pods that started before the plugin stood.
    enum Repair: Hashable, Sendable {
        case rewire, delete, label, nothing
    }

    var isAmbient: Bool
    var sharesHostNetwork: Bool
    /// Nil if nobody looks for such Pods.
    var repair: Repair?
    /// Whether it works on other Pods' processes.
    var entersPods: Bool
    /// The variables of the ConfigMap.
    var variables: [String: String]
}

extension NodeAgentSettings {
    /// - Parameters:
    ///   - component: Its entry in the spec.
    ///   - own: Reads `values.cni`.
    ///   - values: Reads all values.
    ///   - chosenLogLevel: The log level that the person chose for all parts; nil for none.
    init(
        _ component: ComponentSpec, _ install: Install, own: inout ValuesReader, shared values: inout ValuesReader,
        chosenLogLevel: String?
    ) {
        namespace = component.namespace.flatMap { $0.isEmpty ? nil : $0 } ?? install.namespace
        let tag = component.tag ?? own.text("tag")
        image = install.image(
            own.text("image"), hub: component.hub ?? own.text("hub"), tag: tag, variant: own.text("variant"))
        version = tag.isEmpty ? install.tag : tag
        let policy = own.text("pullPolicy")
        imagePullPolicy = policy.isEmpty ? install.imagePullPolicy : policy
        pod = PodSettings(reading: &own)
        pod.nodeSelector["kubernetes.io/os"] = pod.nodeSelector["kubernetes.io/os"] ?? "linux"
        if pod.resources == nil { pod.resources = values.map("global.defaultResources") }
        pod.terminationGracePeriod = pod.terminationGracePeriod ?? 30
        podLabels = own.textMap("podLabels")
        daemonSetLabels = own.textMap("daemonSetLabels")
        let pace = fields(["maxUnavailable": own.countOrShare("rollingMaxUnavailable")])
        updateStrategy = own.map("updateStrategy") ?? ["type": "RollingUpdate", "rollingUpdate": pace]
        let level = own.text("logging.level")
        logLevel = level.isEmpty ? chosenLogLevel ?? "info" : level
        isPrivileged = own.bool("privileged")
        seccompProfile = own.map("seccompProfile")
        seLinuxOptions = own.map("seLinuxOptions").map { JSONValue.object(["type": "spc_t"]).merging($0) }
        usesAppArmorAnnotation = own.bool("useAppArmorAnnotation") || install.facts.kubernetesMinor < 30
        let folder = own.text("cniBinDir")
        programs = folder.isEmpty ? "/opt/cni/bin" : folder
        configuration = own.text("cniConfDir")
        networkNamespaces = own.text("cniNetnsDir")
        switch own.text("provider") {
        case "multus": isCalledByMultus = true
        case "", "default": isCalledByMultus = false
        case let other:
            isCalledByMultus = false
            own.fail("provider", "is \"\(other)\"; allowed are \"default\" and \"multus\"")
        }
        podQuota = own.bool("resourceQuotas.enabled") ? own.integer("resourceQuotas.pods") : nil
        rendersNetworkPolicy = install.rendersNetworkPolicies
        furtherRole = own.text("psp_cluster_role")
        plugin = PluginSettings(version: version, nativeTables: values.bool("global.nativeNftables"), reading: &own)
        for folder in ["cniConfDir", "cniNetnsDir"] where own.text(folder).isEmpty {
            own.fail(folder, "is empty; name the folder of the node")
        }
    }
}

extension Install {
    /// Says that a component needs somebody else's image, where the person has named none.
    ///
    /// There is no CNI plugin and no ztunnel among this project's programs. Rendered for others to apply, the component
    /// names an image to be replaced; what is applied right away has to exist.
    func foreignProgram(_ name: String, _ component: ComponentSpec, _ chosen: JSONValue) -> [Diagnostic] {
        guard chosen[name, "image"]?.string?.contains("/") != true else { return [] }
        func isNamed(_ own: String?, _ field: String, builtIn: String) -> Bool {
            let named = own ?? chosen[name, field]?.nonEmpty?.scalarText ?? chosen["global", field]?.scalarText ?? ""
            return !named.isEmpty && named != builtIn
        }
        let missing = [
            isNamed(component.hub, "hub", builtIn: apusHub) ? nil : "hub",
            isNamed(component.tag, "tag", builtIn: apusVersion) ? nil : "tag",
        ].compactMap { $0 }
        guard !missing.isEmpty else { return [] }
        let fields = missing.map { "spec.components.\(name).\($0)" }.joined(separator: " and ")
        let message =
            "this project has no program of its own for component \(name), so it needs Istio's image: set \(fields) to "
            + "those of an Istio release, such as docker.io/istio and 1.30.3, or set enabled to false"
        let severity: Diagnostic.Severity = purpose == .installation ? .error : .warning
        return [Diagnostic(severity, path: "spec.components.\(name)", message: message)]
    }
}
