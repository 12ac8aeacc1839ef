internal import InstallationValues
internal import IstioAPI
internal import KubernetesModel

/// `affinity` with the short forms of anti-affinity laid over it: Pods that a node must not have beside the gateway's,
/// and Pods that it had better not have.
func withAntiAffinity(_ affinity: JSONValue?, reading values: inout ValuesReader) -> JSONValue? {
    let required = values.list("podAntiAffinityLabelSelector").map(antiAffinityTerm)
    let preferred = values.list("podAntiAffinityTermLabelSelector").map { selector -> JSONValue in
        ["weight": 100, "podAffinityTerm": antiAffinityTerm(selector)]
    }
    let rules = fields([
        "requiredDuringSchedulingIgnoredDuringExecution": JSONValue.array(required).nonEmpty,
        "preferredDuringSchedulingIgnoredDuringExecution": JSONValue.array(preferred).nonEmpty,
    ])
    guard rules.nonEmpty != nil else { return affinity }
    return (affinity ?? [:]).merging(["podAntiAffinity": rules])
}

/// A condition on labels, its values a list or a text with commas between, as a term of a Pod's affinity.
private func antiAffinityTerm(_ selector: JSONValue) -> JSONValue {
    let texts = selector["values"]?.string?.split(separator: ",").map { part in
        JSONValue.string(String(part.drop(while: \.isWhitespace)))
    }
    let values = texts.map(JSONValue.array) ?? selector["values"]
    let expression = fields([
        "key": selector["key"], "operator": selector["operator"], "values": values?.nonEmpty,
    ])
    return fields([
        "labelSelector": ["matchExpressions": [expression]], "topologyKey": selector["topologyKey"],
        "namespaces": selector["namespaces"],
    ])
}

/// The security context of a gateway's Pods.
///
/// OpenShift chooses users itself and refuses Pods that name one from outside of their namespace's range.
func gatewaySecurityContext(
    _ install: Install, runsAsRoot: Bool, chosen: JSONValue?, seccompProfile: JSONValue?
) -> JSONValue {
    if let chosen { return fields(["seccompProfile": seccompProfile]).merging(chosen) }
    let names = install.platform != Platform.openshift.rawValue || runsAsRoot
    let user: JSONValue? = names ? .some(runsAsRoot ? 0 : 1337) : .none
    return fields([
        "runAsUser": user, "runAsGroup": user, "runAsNonRoot": .bool(!runsAsRoot), "seccompProfile": seccompProfile,
    ])
}

extension GatewaySettings {
    /// What its entry in the spec says about an image or a Service that it does not have.
    func overridesWithoutEffect(_ component: ComponentSpec, at path: String) -> [Diagnostic] {
        var fields: [(String, String)] = []
        if !injectionTemplate.isEmpty {
            let reason = "injection by the template \"\(injectionTemplate)\" chooses the image"
            for (field, value) in [("hub", component.hub), ("tag", component.tag)] where value?.isEmpty == false {
                fields.append((field, reason))
            }
        }
        if !hasService {
            let reason = "values.gateways.istio-\(kind).customService leaves the Service to you"
            for field in ["service", "serviceAnnotations"] where component.k8s?[field]?.nonEmpty != nil {
                fields.append(("k8s.\(field)", reason))
            }
        }
        return fields.map { field, reason in
            Diagnostic(.warning, path: "\(path).\(field)", message: "has no effect: \(reason)")
        }
    }
}
