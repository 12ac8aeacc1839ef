/// What a policy is for.
package enum PolicyTarget: Hashable, Sendable {
    /// Workloads with these labels; all without any. In the root namespace: of all namespaces.
    case workloads([String: String])
    /// Resources such as gateways, named one by one.
    case resources([PolicyTargetReference])
}

/// A resource that a policy is for, in the policy's own namespace.
package struct PolicyTargetReference: Hashable, Sendable {
    package var group: String
    package var kind: String
    package var name: String

    package init(group: String, kind: String, name: String) {
        self.group = group
        self.kind = kind
        self.name = name
    }
}

extension PolicyTarget {
    /// Labels that decide whether a workload is meant.
    package var labelKeys: Set<String> {
        switch self {
        case .workloads(let selector): Set(selector.keys)
        case .resources: ["gateway.networking.k8s.io/gateway-name"]
        }
    }

    /// Whether a policy is for a workload.
    ///
    /// - Parameter isOwn: The policy is of the workload's namespace; else it is of the root namespace.
    func includes(_ labels: [String: String], isOwn: Bool) -> Bool {
        switch self {
        case .workloads(let selector): selector.allSatisfy { labels[$0.key] == $0.value }
        // A gateway that was deployed for a Gateway has its name as a label.
        case .resources(let references):
            isOwn
                && references.contains {
                    $0.group == "gateway.networking.k8s.io" && $0.kind == "Gateway"
                        && labels["gateway.networking.k8s.io/gateway-name"] == $0.name
                }
        }
    }
}

extension MeshSnapshot {
    /// The policies for a proxy's workload: those of the root namespace, then those of its own, each by age.
    package func policies<Policy>(
        for view: ProxyView, among all: PoliciesByNamespace<Policy>, origin: (Policy) -> ConfigurationOrigin,
        target: (Policy) -> PolicyTarget
    ) -> [Policy] {
        let (root, own) = (settings.rootNamespace, view.identity.namespace)
        return (own == root ? [root] : [root, own]).flatMap { namespace in
            all.values(in: namespace).filter { target($0).includes(view.labels, isOwn: namespace == own) }
                .sorted { origin($0) < origin($1) }
        }
    }

    /// Who may do what with a proxy's workload.
    package func authorizationPolicies(for view: ProxyView) -> [AuthorizationPolicy] {
        policies(
            for: view, among: configuration.authorizationPolicies, origin: \.origin, target: \.target)
    }

    /// Which tokens a proxy's workload takes.
    package func requestAuthentications(for view: ProxyView) -> [RequestAuthentication] {
        policies(
            for: view, among: configuration.requestAuthentications, origin: \.origin, target: \.target)
    }
}
