internal import IstioAPI
internal import KubernetesModel

/// A spec as it counts: laid over its profile, with its fields carried over into the values.
///
/// Later ones win:
/// ```
///  values:  built-in ◄ profile ◄ hub, tag, revision, namespace, meshConfig ◄ spec.values ◄ spec.unvalidatedValues
///           ◄ components' hub, tag and scaling
/// ```
struct MergedSpec {
    /// The spec laid over its profile.
    var spec: IstioOperatorSpec
    /// The values that profile and spec give, without the built-in ones.
    var originalValues: JSONValue
    /// All values.
    var values: JSONValue
    /// The values that the person wrote, to tell a choice from a default.
    var chosenValues: JSONValue
    /// What is doubtful about the combination.
    var warnings: [Diagnostic] = []

    /// - Parameters:
    ///   - user: What the person wrote.
    ///   - profile: What it is laid over.
    init(_ user: IstioOperatorSpec, over profile: IstioOperatorSpec) {
        spec = user.laid(over: profile)
        spec.components.ingressGateways = enabledByValues(
            spec.components.ingressGateways, listed: user.components.ingressGateways, name: "istio-ingressgateway",
            values: user.values)
        spec.components.egressGateways = enabledByValues(
            spec.components.egressGateways, listed: user.components.egressGateways, name: "istio-egressgateway",
            values: user.values)

        let nothing: JSONValue = [:]
        chosenValues = (user.values ?? nothing).merging(user.unvalidatedValues ?? nothing)
        originalValues = (profile.values ?? nothing).merging(translatedFields(of: spec)).merging(chosenValues)
            .merging(translatedPilot(spec.components.pilot))
        values = builtInValues().merging(originalValues)
        warnings = contradictions(in: user)
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
func translatedScaling(_ overrides: JSONValue?) -> JSONValue {
    var values: JSONValue = [:]
    values["autoscaleMin"] = overrides?["hpaSpec", "minReplicas"]
    values["autoscaleMax"] = overrides?["hpaSpec", "maxReplicas"]
    values["replicaCount"] = overrides?["replicaCount"]
    return values
}

/// `gateways`, with the one of that name switched as `values.gateways.<name>.enabled` says, unless the person listed
/// it among the components.
private func enabledByValues(
    _ gateways: [GatewaySpec], listed: [GatewaySpec], name: String, values: JSONValue?
) -> [GatewaySpec] {
    guard let enabled = values?["gateways", name, "enabled"]?.bool, !listed.contains(where: { $0.name == name }) else {
        return gateways
    }
    var gateways = gateways
    if let index = gateways.firstIndex(where: { $0.name == name }) {
        gateways[index].component.enabled = enabled
    } else {
        var gateway = GatewaySpec(name: name)
        gateway.component.enabled = enabled
        gateways.append(gateway)
    }
    return gateways
}

/// Fields of a spec that say one thing twice and differently.
private func contradictions(in user: IstioOperatorSpec) -> [Diagnostic] {
    let pairs: [(field: String, said: String?, value: [String])] = [
        ("hub", user.hub, ["global", "hub"]), ("tag", user.tag, ["global", "tag"]),
        ("namespace", user.namespace, ["global", "istioNamespace"]),
    ]
    return pairs.compactMap { field, said, path in
        guard let said, let value = user.values?.value(at: path)?.scalarText, value != said else { return nil }
        let other = "spec.values." + path.joined(separator: ".")
        return Diagnostic(
            .warning, path: "spec.\(field)", message: "\"\(said)\" has no effect, for \(other) says \"\(value)\"")
    }
}
