package import IstioAPI
package import KubernetesModel

/// A spec as it counts: laid over its profile, with its fields carried over into the values.
///
/// Later ones win:
/// ```
///  values:  built-in ◄ profile ◄ the cluster's own platform ◄ values.profile ◄ compatibilityVersion ◄ platform
///           ◄ hub, tag, revision, namespace, meshConfig ◄ spec.values ◄ spec.unvalidatedValues
///           ◄ components' hub, tag and scaling
/// ```
package struct MergedSpec {
    /// The spec laid over its profile.
    package var spec: IstioOperatorSpec
    /// The values that profile and spec give, without the built-in ones.
    package var originalValues: JSONValue
    /// All values.
    package var values: JSONValue
    /// The values that the person wrote, to tell a choice from a default.
    package var chosenValues: JSONValue
    /// What is wrong or doubtful about the combination.
    package var diagnostics: [Diagnostic] = []

    /// - Parameters:
    ///   - user: What the person wrote.
    ///   - profile: What it is laid over.
    ///   - platform: What the cluster itself says it runs on, if it does.
    package init(_ user: IstioOperatorSpec, over profile: IstioOperatorSpec, on platform: String? = nil) {
        spec = user.laid(over: profile)
        let nothing: JSONValue = [:]
        chosenValues = withCurrentNames((user.values ?? nothing).merging(user.unvalidatedValues ?? nothing))
        let other = (chosenValues["profile"]?.string).flatMap(Profile.init(rawValue:))?.chartValues ?? nothing
        spec.components.take(enablementFrom: other.merging(chosenValues), listed: user.components)

        if platform == Platform.gke.rawValue, spec.components.cni.isInstalled, spec.components.cni?.namespace == nil {
            spec.components.cni?.namespace = "kube-system"  // where GKE has a quota for critical Pods
        }
        let said = translatedFields(of: spec).merging(chosenValues)
        let version = chosenValues["compatibilityVersion"] == nil ? "" : ".values"
        let variants = VariantValues(
            of: profile.values ?? nothing, chosen: said, versionPath: "spec\(version).compatibilityVersion",
            detected: platform)
        originalValues = variants.values.merging(said).merging(translatedPilot(spec.components.pilot))
        var builtIn = builtInValues()
        if spec.components.cni.isInstalled { builtIn["cni"] = nodeAgentValues() }
        if spec.components.ztunnel.isInstalled { builtIn["ztunnel"] = nodeProxyValues() }
        values = builtIn.merging(originalValues)
        diagnostics = variants.diagnostics + contradictions(in: user)
    }
}

/// The fields of a spec that are other names of values.
private func translatedFields(of spec: IstioOperatorSpec) -> JSONValue {
    var values: JSONValue = [:]
    if let hub = spec.hub, !hub.isEmpty { values["global", "hub"] = .string(hub) }
    if let tag = spec.tag, !tag.isEmpty { values["global", "tag"] = .string(tag) }
    if let namespace = spec.namespace, !namespace.isEmpty { values["global", "istioNamespace"] = .string(namespace) }
    if let revision = spec.revision, !revision.isEmpty { values["revision"] = .string(revision) }
    if let version = spec.compatibilityVersion, !version.isEmpty { values["compatibilityVersion"] = .string(version) }
    if let meshConfig = spec.meshConfig { values["meshConfig"] = meshConfig }
    if spec.components.cni?.isEnabled == true { values["pilot", "cni", "enabled"] = true }
    if let ztunnel = spec.components.ztunnel, ztunnel.isEnabled {
        values["pilot", "trustedZtunnelNamespace"] = ztunnel.namespace.map(JSONValue.string)?.nonEmpty
        values["pilot", "trustedZtunnelName"] = spec.values?["ztunnel", "resourceName"]?.nonEmpty
    }
    return values
}

/// What `components.pilot` says under names that values have too.
private func translatedPilot(_ component: ComponentSpec?) -> JSONValue {
    guard let component else { return [:] }
    var pilot = translatedScaling(component.k8s)
    if let enabled = component.enabled { pilot["enabled"] = .bool(enabled) }
    if let hub = component.hub, !hub.isEmpty { pilot["hub"] = .string(hub) }
    if let tag = component.tag, !tag.isEmpty { pilot["tag"] = .string(tag) }
    return ["pilot": pilot]
}

/// How many replicas the `k8s` overrides ask for, as values: whether there is a PodDisruptionBudget depends on it.
package func translatedScaling(_ overrides: JSONValue?) -> JSONValue {
    var values: JSONValue = [:]
    values["autoscaleMin"] = overrides?["hpaSpec", "minReplicas"]
    values["autoscaleMax"] = overrides?["hpaSpec", "maxReplicas"]
    values["replicaCount"] = overrides?["replicaCount"]
    return values
}

/// `values` with older names of fields replaced; what stands under the current name wins.
private func withCurrentNames(_ values: JSONValue) -> JSONValue {
    var current = values
    for older in ["istioCni", "istio_cni"] {
        guard let use = values[older], use.object != nil else { continue }
        current[older] = nil
        current["pilot", "cni"] = use.merging(current["pilot", "cni"] ?? [:])
    }
    if let quotas = values["cni", "resource_quotas"] {
        current["cni", "resource_quotas"] = nil
        current["cni", "resourceQuotas"] = quotas.merging(values["cni", "resourceQuotas"] ?? [:])
    }
    return current
}

/// Fields of a spec that say one thing twice and differently.
private func contradictions(in user: IstioOperatorSpec) -> [Diagnostic] {
    let pairs: [(field: String, said: String?, value: [String])] = [
        ("hub", user.hub, ["global", "hub"]), ("tag", user.tag, ["global", "tag"]),
        ("namespace", user.namespace, ["global", "istioNamespace"]),
        ("compatibilityVersion", user.compatibilityVersion, ["compatibilityVersion"]),
    ]
    return pairs.compactMap { field, said, path in
        guard let said, let value = user.values?.value(at: path)?.scalarText, value != said else { return nil }
        let other = "spec.values." + path.joined(separator: ".")
        return Diagnostic(
            .warning, path: "spec.\(field)", message: "\"\(said)\" has no effect, for \(other) says \"\(value)\"")
    }
}
