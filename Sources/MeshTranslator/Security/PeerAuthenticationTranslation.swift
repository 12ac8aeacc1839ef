import IstioAPI
import KubernetesModel
import MeshModel

/// A PeerAuthentication.
func peerAuthentication(
    of object: ConfigurationObject, in settings: MeshSettings
) -> Translated<PeerAuthentication?> {
    var diagnostics = Schema.peerAuthenticationSpec.diagnostics(for: object.spec, at: "spec")
    guard !diagnostics.hasErrors else { return Translated(nil, diagnostics: diagnostics) }
    var policy = PeerAuthentication(
        origin: object.origin, selector: object.policySelector, mode: InboundTLSMode(object.spec["mtls"]))
    for (key, value) in object.spec["portLevelMtls"]?.object ?? [:] {
        guard let port = Int(key), (1...65535).contains(port) else {
            diagnostics.append(
                Diagnostic(
                    path: FieldPath.field(key, of: "spec.portLevelMtls"), message: "is no port from 1 to 65535"))
            continue
        }
        policy.ports[port] = .some(InboundTLSMode(value))
    }
    guard !diagnostics.hasErrors else {
        return Translated(nil, diagnostics: diagnostics.sorted { $0.path < $1.path })
    }
    if !policy.ports.isEmpty, policy.selector.isEmpty {
        diagnostics.append(
            Diagnostic(
                .warning, path: "spec.portLevelMtls",
                message: "does not count without a selector with matchLabels, for ports belong to workloads"))
    }
    if object.key.namespace == settings.rootNamespace, !policy.selector.isEmpty {
        diagnostics.append(
            Diagnostic(
                .warning, path: "spec.selector",
                message: "selects nothing: in the root namespace a PeerAuthentication is for the whole mesh; remove "
                    + "the selector, or put the object into the workloads' namespace"))
    }
    return Translated(policy, diagnostics: diagnostics)
}

extension InboundTLSMode {
    /// Reads `{mode: WORD}`; nil where it is taken over.
    fileprivate init?(_ json: JSONValue?) {
        switch json?["mode"]?.string {
        case "DISABLE": self = .disable
        case "PERMISSIVE": self = .permissive
        case "STRICT": self = .strict
        default: return nil
        }
    }
}
