import KubernetesModel
import MeshModel

extension ConfigurationObject {
    /// `spec.selector.matchLabels`.
    var policySelector: [String: String] {
        (spec["selector", "matchLabels"]?.object ?? [:]).compactMapValues(\.string)
    }

    /// What a policy is for, as `selector`, `targetRef` or `targetRefs` say.
    func policyTarget(_ diagnostics: inout [Diagnostic]) -> PolicyTarget {
        var written: [(path: String, json: JSONValue)] = []
        if let single = spec["targetRef"], single.object != nil { written.append(("spec.targetRef", single)) }
        for (index, json) in (spec["targetRefs"]?.array ?? []).enumerated() {
            written.append((FieldPath.element(index, of: "spec.targetRefs"), json))
        }
        guard !written.isEmpty else { return .workloads(policySelector) }
        if spec["selector"]?.object != nil {
            diagnostics.append(
                Diagnostic(path: "spec.selector", message: "cannot stand beside targetRefs; keep one of them"))
        }
        return .resources(
            written.map { path, json in
                let reference = PolicyTargetReference(
                    group: json["group"]?.string ?? "", kind: json["kind"]?.string ?? "",
                    name: json["name"]?.string ?? "")
                if reference.group != "gateway.networking.k8s.io" || reference.kind != "Gateway" {
                    diagnostics.append(
                        Diagnostic(.warning, path: path, message: "\(reference.kind) is not honoured yet"))
                }
                return reference
            })
    }
}
