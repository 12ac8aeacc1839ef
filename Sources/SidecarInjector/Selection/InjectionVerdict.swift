import KubernetesModel

/// Namespaces of Kubernetes itself, whose Pods never get a sidecar.
private let systemNamespaces: Set<String> = [
    "kube-system", "kube-public", "kube-node-lease", "local-path-storage",
]

extension InjectionSettings {
    /// Why a Pod gets no sidecar; nil if it gets one.
    func refusal(namespace: String, labels: [String: String], annotations: [String: String], spec: JSONValue?)
        -> String?
    {
        if spec?["hostNetwork"] == true {
            return "it uses the network of its node, whose traffic must not be captured"
        }
        if systemNamespaces.contains(namespace) { return "namespace \(namespace) is Kubernetes' own" }
        let (name, value) =
            labels[injectName].map { ("label", $0) } ?? ("annotation", annotations[injectName] ?? "")
        switch value.lowercased() {
        case "true", "yes", "on", "y": return policy == .off ? "injection is off in the injector's ConfigMap" : nil
        case "": break
        default: return "its \(name) \(injectName) is \"\(value)\""
        }
        if neverInject.contains(where: { $0.selects(labels) }) { return "its labels match neverInjectSelector" }
        if policy == .off { return "injection is off in the injector's ConfigMap" }
        if alwaysInject.contains(where: { $0.selects(labels) }) { return nil }
        return policy == .enabled ? nil : "the injector's policy is disabled, and the Pod does not ask for a sidecar"
    }
}

private let injectName = "sidecar.istio.io/inject"
