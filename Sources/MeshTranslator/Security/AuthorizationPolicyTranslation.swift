import IstioAPI
import KubernetesModel
import MeshModel

/// An AuthorizationPolicy. All that is wrong in it makes it unusable: a rule read by half would let too much pass.
func authorizationPolicy(
    of object: ConfigurationObject, in settings: MeshSettings
) -> Translated<AuthorizationPolicy?> {
    var diagnostics = Schema.authorizationPolicySpec.diagnostics(for: object.spec, at: "spec")
    guard !diagnostics.hasErrors else { return Translated(nil, diagnostics: diagnostics) }
    let target = object.policyTarget(in: settings, &diagnostics)
    let action = action(of: object, &diagnostics)
    var reading = AuthorizationRuleReading(namespace: object.key.namespace, diagnostics: diagnostics)
    let rules = (object.spec["rules"]?.array ?? []).enumerated().map { index, json in
        reading.rule(json, at: FieldPath.element(index, of: "spec.rules"))
    }
    diagnostics = reading.diagnostics
    if rules.isEmpty, action != .allow {
        diagnostics.append(
            Diagnostic(
                .warning, path: "spec.rules",
                message: "has no rule, so that the policy never matches; for every request add an empty one: {}"))
    }
    let isDryRun = isDryRun(object, action, &diagnostics)
    guard !diagnostics.hasErrors else { return Translated(nil, diagnostics: diagnostics) }
    return Translated(
        AuthorizationPolicy(
            origin: object.origin, target: target, action: action, isDryRun: isDryRun, rules: rules),
        diagnostics: diagnostics)
}

private func action(
    of object: ConfigurationObject, _ diagnostics: inout [Diagnostic]
) -> AuthorizationPolicy.Action {
    let provider = object.spec["provider", "name"]?.string ?? ""
    let word = object.spec["action"]?.string ?? "ALLOW"
    if word != "CUSTOM", !provider.isEmpty {
        diagnostics.append(
            Diagnostic(path: "spec.provider", message: "counts with action CUSTOM alone, and the action is \(word)"))
    }
    switch word {
    case "DENY": return .deny
    case "AUDIT": return .audit
    case "CUSTOM":
        if provider.isEmpty {
            diagnostics.append(
                Diagnostic(
                    path: "spec.provider.name",
                    message: "must name one of meshConfig.extensionProviders, for the action is CUSTOM"))
        }
        return .custom(provider: provider)
    default: return .allow
    }
}

private func isDryRun(
    _ object: ConfigurationObject, _ action: AuthorizationPolicy.Action, _ diagnostics: inout [Diagnostic]
) -> Bool {
    guard let written = object.metadata.annotations["istio.io/dry-run"] else { return false }
    let path = "metadata.annotations[\"istio.io/dry-run\"]"
    switch written {
    case "1", "t", "T", "true", "TRUE", "True":
        if action != .allow, action != .deny {
            diagnostics.append(
                Diagnostic(
                    .warning, path: path,
                    message: "counts with actions ALLOW and DENY alone; with this action the policy does nothing"))
        }
        return true
    case "0", "f", "F", "false", "FALSE", "False": return false
    default:
        diagnostics.append(
            Diagnostic(
                .warning, path: path,
                message: "is \"\(written)\", and must be \"true\" or \"false\"; the policy is enforced"))
        return false
    }
}
