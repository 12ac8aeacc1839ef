import KubernetesModel

extension AdaptedPod {
    /// Brings the containers into the order in which they have to start.
    ///
    /// ```
    /// native:   istio-init, istio-validation, istio-proxy, enable-core-dump, those of the Pod | its containers
    /// classic:  istio-validation, those of the Pod, istio-init, enable-core-dump | its containers, istio-proxy
    /// ```
    /// A classic proxy is last, so that `kubectl exec` means the application; first where the application waits for it.
    /// Init containers run without capture in classic mode, for there is no proxy yet, and are in the mesh otherwise.
    mutating func order(holdsApplication: Bool) {
        moveContainer(&containers, proxyContainerName, toFront: holdsApplication)
        if initContainers.contains(where: { $0["name"]?.string == proxyContainerName }) {
            for name in [
                coreDumpContainerName, proxyContainerName, validationContainerName, captureContainerName,
            ] { moveContainer(&initContainers, name, toFront: true) }
        } else {
            moveContainer(&initContainers, validationContainerName, toFront: true)
            moveContainer(&initContainers, captureContainerName, toFront: false)
            moveContainer(&initContainers, coreDumpContainerName, toFront: false)
        }
    }

    private func moveContainer(_ containers: inout [JSONValue], _ name: String, toFront: Bool) {
        guard let index = containers.firstIndex(where: { $0["name"]?.string == name }) else { return }
        let container = containers.remove(at: index)
        containers.insert(container, at: toFront ? 0 : containers.count)
    }

    /// Until Kubernetes 1.19 a token was readable by the proxy's user only through the group of the Pod's volumes.
    mutating func setGroupOfVolumes(_ context: TemplateContext) {
        let facts = context.settings.facts
        let isNeeded = facts.kubernetesMinor.map { $0 < 19 } ?? false
        let isAsked = facts.environment["ENABLE_LEGACY_FSGROUP_INJECTION"]?.lowercased() == "true"
        guard isNeeded || isAsked, hasProxy, spec["securityContext"]?["fsGroup"] == nil else { return }
        var security = spec["securityContext"] ?? [:]
        security["fsGroup"] = .integer(context.group)
        spec["securityContext"] = security
    }
}
