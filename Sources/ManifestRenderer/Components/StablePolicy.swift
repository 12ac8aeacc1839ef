internal import KubernetesModel

/// The policy that refuses what Istio does not call stable, and what puts it into force. Nothing where the cluster has
/// no such policies.
///
/// - Parameters:
///   - name: Its name, and that of its binding, without the group they end with.
///   - objects: Which objects it looks at.
func stablePolicy(
    named name: String, binding: String, _ install: Install, objects: [LabelSelector.Requirement]
) -> [UnstructuredObject] {
    guard let version = install.facts.admissionPolicyVersion else { return [] }
    let policy = Metadata(name: "\(name).istio.io", labels: applicationLabels("istiod"))
    let bound = Metadata(name: "\(binding).istio.io", labels: applicationLabels("istiod"))
    let rule: JSONValue = [
        "apiGroups": JSONValue(validatedGroups), "apiVersions": ["*"], "operations": ["CREATE", "UPDATE"],
        "resources": ["*"], "scope": "*",
    ]
    let constraints: JSONValue = [
        "matchPolicy": "Equivalent", "objectSelector": labelSelector(objects), "namespaceSelector": [:],
        "resourceRules": [rule],
    ]
    let spec: JSONValue = [
        "failurePolicy": "Fail", "matchConstraints": constraints,
        "validations": .array(unstableKinds.map(refusal) + unstableFields.map(refusal)),
    ]
    return [
        object(.validatingAdmissionPolicies(version), policy, ["spec": spec]),
        object(
            .validatingAdmissionPolicyBindings(version), bound,
            ["spec": ["policyName": .string(policy.name), "validationActions": ["Deny"]]]),
    ]
}

/// The groups of the mesh's configuration.
let validatedGroups = ["security.istio.io", "networking.istio.io", "telemetry.istio.io", "extensions.istio.io"]

private let unstableKinds = ["EnvoyFilter", "WasmPlugin", "ProxyConfig"]

/// Lists of a kind's spec, and the field of their elements that is not stable.
private let unstableFields: [(kind: String, list: String, field: String)] = [
    ("Telemetry", "tracing", "useRequestIdForTraceSampling"), ("Telemetry", "metrics", "reportingInterval"),
    ("Telemetry", "accessLogging", "filter"),
]

private func refusal(of kind: String) -> JSONValue {
    [
        "expression": .string("object.kind != '\(kind)'"),
        "message": .string("\(kind) is not in the stable channel"), "reason": "Forbidden",
    ]
}

private func refusal(of field: (kind: String, list: String, field: String)) -> JSONValue {
    let list = "object.spec.\(field.list)"
    let expression =
        "object.kind != '\(field.kind)' || !has(object.spec) || !has(\(list)) "
        + "|| !\(list).exists(element, has(element.\(field.field)))"
    return [
        "expression": .string(expression),
        "message": .string("\(field.kind) spec.\(field.list)[].\(field.field) is not in the stable channel"),
        "reason": "Forbidden",
    ]
}
