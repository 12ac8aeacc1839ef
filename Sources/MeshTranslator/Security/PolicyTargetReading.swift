import KubernetesModel
import MeshModel

extension ConfigurationObject {
    /// `spec.selector.matchLabels`.
    var policySelector: [String: String] { labels(of: .matchLabels) }

    private func labels(of selector: PolicySelector) -> [String: String] {
        (spec[selector.field, selector.labels]?.object ?? [:]).compactMapValues(\.string)
    }

    /// What a policy is for, as `selector`, `targetRef` or `targetRefs` say.
    ///
    /// - Parameters:
    ///   - selector: Where its labels stand.
    ///   - settings: Of the mesh.
    func policyTarget(
        selectedBy selector: PolicySelector = .matchLabels, in settings: MeshSettings,
        _ diagnostics: inout [Diagnostic]
    ) -> PolicyTarget {
        var written: [(path: String, json: JSONValue)] = []
        if let single = spec["targetRef"], single.object != nil { written.append(("spec.targetRef", single)) }
        for (index, json) in (spec["targetRefs"]?.array ?? []).enumerated() {
            written.append((FieldPath.element(index, of: "spec.targetRefs"), json))
        }
        guard !written.isEmpty else { return .workloads(labels(of: selector)) }
        if spec[selector.field]?.object != nil {
            diagnostics.append(
                Diagnostic(
                    path: "spec.\(selector.field)", message: "cannot stand beside targetRefs; keep one of them"))
        }
        return .resources(
            written.map { path, json in
                let reference = PolicyTargetReference(
                    group: json["group"]?.string ?? "", kind: json["kind"]?.string ?? "",
                    name: json["name"]?.string ?? "")
                if let doubt = doubt(reference, in: settings) {
                    diagnostics.append(Diagnostic(.warning, path: path, message: doubt))
                }
                return reference
            })
    }

    /// Why a resource cannot be what a policy is for.
    private func doubt(_ reference: PolicyTargetReference, in settings: MeshSettings) -> String? {
        if reference.isOfWaypoints {
            return "a \(reference.kind) is seen by waypoints alone, which are not there: "
                + "name a Gateway, or select workloads by their labels"
        }
        guard reference.label != nil else {
            let kind = reference.group.isEmpty ? reference.kind : "\(reference.kind) of \(reference.group)"
            return "\(kind) cannot be what this is for: name a Gateway or GatewayClass of gateway.networking.k8s.io"
        }
        if reference.kind == "GatewayClass", key.namespace != settings.rootNamespace {
            return "a GatewayClass counts in the root namespace \(settings.rootNamespace) alone: "
                + "name a Gateway, or move this there"
        }
        return nil
    }
}

/// Where a policy has the labels of the workloads it is for.
enum PolicySelector {
    case matchLabels
    case workloadLabels

    fileprivate var field: String {
        switch self {
        case .matchLabels: "selector"
        case .workloadLabels: "workloadSelector"
        }
    }

    fileprivate var labels: String {
        switch self {
        case .matchLabels: "matchLabels"
        case .workloadLabels: "labels"
        }
    }
}
