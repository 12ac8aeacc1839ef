internal import InjectionTemplates
internal import InstallationValues
internal import KubernetesModel

/// What values say about the control plane.
struct PilotSettings: Hashable, Sendable {
    /// The component that its objects belong to.
    var component: Component
    /// Whether it runs in this cluster.
    var hasServer: Bool
    /// Whether a control plane of this cluster or another one uses its account and roles.
    var hasAccess: Bool
    /// Whether Istio's own image may read what is rendered, so that nothing of what that needs may be missing.
    var suitsIstio: Bool
    /// Whether it reads the mesh's configuration from a ConfigMap of this cluster.
    var hasMeshConfig: Bool
    /// Whether the mesh's configuration is checked in this cluster.
    var hasValidator: Bool
    var access: PilotAccess
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
    /// Whether it looks after other clusters as well.
    var servesOtherClusters: Bool
    /// ConfigMap that it publishes the mesh's root certificate in.
    var rootConfigMap: String
    /// Further certificates that it trusts when it fetches keys of token issuers, as PEM; empty for none.
    var issuerRoots: String
    var untaint: NodeUntaint?
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
    var revisionTags: [String]
    /// Changes to the objects of Gateway API gateways, by GatewayClass.
    var gatewayClasses: [String: JSONValue]
}

/// Nodes keep a taint until the CNI plugin runs on them.
struct NodeUntaint: Hashable, Sendable {
    /// Where the plugin's Pods are; empty for the control plane's namespace.
    var namespace: String
}

/// The ConfigMap that holds the mesh's root certificate where values name no other.
let usualRootConfigMap = "istio-ca-root-cert"

extension PilotSettings {
    /// - Parameters:
    ///   - component: The component that its objects belong to.
    ///   - own: The values below `pilot`.
    ///   - values: All values.
    init(
        _ install: Install, of component: Component, reading own: inout ValuesReader, shared values: inout ValuesReader
    ) {
        self.component = component
        let remote = install.remote
        hasServer = remote?.injectsHere ?? true
        hasAccess = hasServer || remote?.holdsConfiguration ?? false
        hasMeshConfig = own.bool("configMap") || remote?.injectsHere ?? false
        hasValidator = hasAccess && values.bool("global.configValidation")
        scaling = Scaling(reading: &own)
        pod = PodSettings(reading: &own)
        if pod.nodeSelector.isEmpty { pod.nodeSelector = values.textMap("global.defaultNodeSelector") }
        if pod.tolerations.isEmpty { pod.tolerations = values.list("global.defaultTolerations") }
        let hub = own.text("hub")
        image = install.image(own.text("image"), hub: hub, tag: own.text("tag"), variant: own.text("variant"))
        podLabels = own.textMap("podLabels")
        deploymentLabels = own.textMap("deploymentLabels")
        deploymentAnnotations = own.textMap("deploymentAnnotations")
        serviceAnnotations = own.textMap("serviceAnnotations")
        serviceAccountAnnotations = own.textMap("serviceAccountAnnotations")
        seccompProfile = own.map("seccompProfile")
        environmentFrom = own.list("envVarFrom")
        extraArguments = own.texts("extraContainerArgs")
        traceSampling = own.text("traceSampling")
        analyzes = values.bool("global.istiod.enableAnalysis")
        servesOtherClusters = remote == nil && values.bool("global.externalIstiod")
        let root = values.text("global.trustBundleName")
        rootConfigMap = root.isEmpty ? usualRootConfigMap : root
        issuerRoots = own.text("jwksResolverExtraRootCA")
        untaint = own.bool("taint.enabled") ? NodeUntaint(namespace: own.text("taint.namespace")) : Optional.none
        connectionAge = own.text("keepaliveMaxServerConnectionAge")
        let namespace = own.text("trustedZtunnelNamespace")
        let name = own.text("trustedZtunnelName")
        trustedNodeAccount =
            "\(namespace.isEmpty ? install.namespace : namespace)/\(name.isEmpty ? "ztunnel" : name)"
        ipFamilies = own.texts("ipFamilies")
        ipFamilyPolicy = own.text("ipFamilyPolicy")
        initContainers = own.list("initContainers")
        volumes = own.list("volumes")
        volumeMounts = own.list("volumeMounts")
        disruptionBudget = own.map("pdb") ?? ["minAvailable": 1]
        injector = InjectorSettings(reading: &values)
        revisionTags = values.texts("revisionTags")
        gatewayClasses = values.map("gatewayClasses")?.object ?? [:]
        if pod.resources == nil { pod.resources = pilotRequests(hub: hub.isEmpty ? install.hub : hub) }

        suitsIstio = install.purpose == .file || !image.hasPrefix("\(apusHub)/")
        let roles = install.chosenRoles ?? (suitsIstio ? .istio : .derived)
        access = PilotAccess(roles, options: [], certificateSigners: [])
        let signing = CertificateSigning(
            environment: pod.environment, provider: install.certificateProvider,
            named: values.texts("global.certSigners"))
        let options = accessOptions(install, signing, roles)
        access = PilotAccess(
            roles, options: options, certificateSigners: roles == .istio ? signing.named : signing.signers,
            revision: install.revision)
        if roles == .derived { check(signing, &own) }
        if roles == .derived, options.contains(.untaint) {
            own.fail("taint.enabled", "is not done by this project's control plane yet; set it to false")
        }
        if !own.text("crlConfigMapName").isEmpty {
            own.fail(
                "crlConfigMapName",
                "is fixed: lists of revoked certificates are read from istio-ca-crl; remove the field")
        }
        checkTags(install, &values)
        checkTemplates(hub: hub.isEmpty ? install.hub : hub, &values)
    }

    private func check(_ signing: CertificateSigning, _ own: inout ValuesReader) {
        if signing.signsWorkloads, signing.signers.isEmpty {
            own.fail(
                "env.EXTERNAL_CA",
                "has signers of Kubernetes sign and names none: give env.K8S_SIGNER or env.CERT_SIGNER_DOMAIN")
        } else if signing.signsControlPlane, !signing.signsWorkloads {
            own.doubt(
                "env.PILOT_CERT_PROVIDER",
                "names a signer of Kubernetes, which signs for workloads only with env.EXTERNAL_CA "
                    + "ISTIOD_RA_KUBERNETES_API; this control plane's own certificate is the mesh root's either way")
        }
    }

    private func accessOptions(
        _ install: Install, _ signing: CertificateSigning, _ roles: ControlPlaneRoles
    ) -> Set<PilotAccess.Option> {
        var options: Set<PilotAccess.Option> = []
        if analyzes { options.insert(.analysis) }
        if untaint != nil { options.insert(.untaint) }
        let signs = roles == .istio ? signing.signsControlPlane : signing.signsWorkloads
        if signs { options.insert(.certificateSigning) }
        if pod.environment["ENABLE_CLUSTER_TRUST_BUNDLE_API"] == "true" { options.insert(.trustBundles) }
        if install.remote != nil || servesOtherClusters { options.insert(.remoteControl) }
        return options
    }

    /// Istio's own control plane finds no text in the templates that this project makes by functions.
    private func checkTemplates(hub: String, _ values: inout ValuesReader) {
        guard hasServer, injector.hasConfiguration, isIstioHub(hub) else { return }
        let missing = templatesWithoutText.filter { injector.templates[$0] == nil }
        guard !missing.isEmpty else { return }
        values.doubt(
            "sidecarInjectorWebhook.templates",
            "has no text for \(missing.joined(separator: ", ")), which Istio's control plane in \"\(hub)\" needs for "
                + "proxyless gRPC, waypoints and gateways of the Gateway API; add those that you use")
    }

    private func checkTags(_ install: Install, _ values: inout ValuesReader) {
        for (index, tag) in revisionTags.enumerated() {
            let field = "revisionTags[\(index)]"
            if tag == install.revisionLabel {
                values.fail(field, "is \"\(tag)\", the revision's own name; remove it, or give the revision another")
            } else if revisionTags[..<index].contains(tag) {
                values.fail(field, "is \"\(tag)\", which stands in the list before")
            } else if tag.isEmpty {
                values.fail(field, "is empty; a tag needs a name")
            }
        }
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
