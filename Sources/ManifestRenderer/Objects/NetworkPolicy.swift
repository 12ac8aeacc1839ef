internal import KubernetesModel

/// A NetworkPolicy that lets everyone reach the selected Pods, at some ports only, and them reach everything.
///
/// - Parameters:
///   - pods: The labels that it selects Pods by.
///   - ports: One list of ports for each rule.
func networkPolicy(_ metadata: Metadata, pods: [String: String], ports: [[JSONValue]]) -> UnstructuredObject {
    let spec: JSONValue = [
        "podSelector": matchLabels(pods), "policyTypes": ["Ingress", "Egress"],
        "ingress": .array(ports.map { ["ports": .array($0)] }), "egress": [[:]],
    ]
    return object(.networkPolicies, metadata, ["spec": spec])
}

/// A port that a NetworkPolicy opens: a number or a name.
func policyPort(_ port: JSONValue, protocol: JSONValue = "TCP") -> JSONValue {
    ["port": port, "protocol": `protocol`]
}
