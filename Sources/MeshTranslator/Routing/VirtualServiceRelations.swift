import KubernetesModel
import MeshModel

/// What is doubtful about VirtualServices beside each other: hosts of which only one object decides, and delegates that
/// do not come to pass.
func relations(among services: VirtualServices) -> [ObjectReference: [Diagnostic]] {
    var found: [ObjectReference: [Diagnostic]] = [:]
    for (reference, diagnostic) in repeatedHosts(services) { found[reference, default: []].append(diagnostic) }
    for service in services.all.values where service.http.contains(where: { $0.delegate != nil }) {
        found[service.origin.reference, default: []] += delegations(of: service, among: services)
    }
    return found.filter { !$0.value.isEmpty }
}

/// Sidecars do not join the rules of several objects for one host, as gateways do.
private func repeatedHosts(_ services: VirtualServices) -> [(ObjectReference, Diagnostic)] {
    services.repeatedHosts.map { repeated in
        let position = repeated.service.hosts.firstIndex(of: repeated.host) ?? 0
        let message =
            "is \(repeated.host), for which \(repeated.first.origin.reference) decides, which is asked before this one; "
            + "sidecars do not join the rules of several objects for a host"
        return (
            repeated.service.origin.reference,
            Diagnostic(.warning, path: FieldPath.element(position, of: "spec.hosts"), message: message)
        )
    }
}

private func delegations(of root: VirtualService, among services: VirtualServices) -> [Diagnostic] {
    root.http.enumerated().flatMap { index, rule -> [Diagnostic] in
        guard let key = rule.delegate else { return [] }
        let path = "\(FieldPath.element(index, of: "spec.http")).delegate"
        func warn(_ message: String) -> [Diagnostic] { [Diagnostic(.warning, path: path, message: message)] }
        guard let delegate = services[key] else {
            return warn("names VirtualService \(key), which does not exist; the rule does nothing")
        }
        guard delegate.isDelegate else {
            return warn("names VirtualService \(key), which has hosts of its own; the rule does nothing")
        }
        guard delegate.visibility.includes(root.origin.namespace) else {
            return warn("names VirtualService \(key), whose exportTo does not have this namespace")
        }
        return delegate.http.enumerated().flatMap { position, own in
            own.merged(under: rule) == nil
                ? warn("leaves out spec.http[\(position)] of VirtualService \(key): it is for other requests") : []
        }
    }
}
