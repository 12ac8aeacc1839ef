/// What a policy is for.
package enum PolicyTarget: Hashable, Sendable {
    /// Workloads with these labels; all without any. In the root namespace: of all namespaces.
    case workloads([String: String])
    /// Resources such as gateways, named one by one.
    case resources([PolicyTargetReference])
}

/// A resource that a policy is for, in the policy's own namespace or, of a class, in none.
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
    /// It names resources, not labels of workloads.
    var isOfResources: Bool { if case .resources = self { true } else { false } }

    /// Labels that decide whether a workload is meant.
    package var labelKeys: Set<String> {
        switch self {
        case .workloads(let selector): Set(selector.keys)
        case .resources(let references): Set(references.compactMap(\.label))
        }
    }

    /// Whether a policy is for a workload.
    ///
    /// - Parameters:
    ///   - isOwn: The policy is of the workload's namespace; else it is of the root namespace.
    ///   - isRoot: The policy is of the root namespace, where that is known.
    func includes(_ labels: [String: String], isOwn: Bool, isRoot: Bool = false) -> Bool {
        switch self {
        case .workloads(let selector): selector.allSatisfy { labels[$0.key] == $0.value }
        case .resources(let references):
            references.contains { reference in
                guard reference.isOfClass ? isRoot : isOwn, let label = reference.label else { return false }
                return labels[label] == reference.name
            }
        }
    }
}

extension PolicyTargetReference {
    private static let gateways = "gateway.networking.k8s.io"

    /// It stands for all gateways of a class; policies of the root namespace alone can be for those.
    fileprivate var isOfClass: Bool { kind == "GatewayClass" }

    /// What workloads are told by that belong to it: a gateway that was deployed for a Gateway has the name of that, and
    /// the name of its class, as labels. Nil: no workload belongs to it.
    package var label: String? {
        guard group == Self.gateways else { return nil }
        return switch kind {
        case "Gateway": "\(Self.gateways)/gateway-name"
        case "GatewayClass": "\(Self.gateways)/gateway-class-name"
        default: nil
        }
    }

    /// Traffic to it is seen by waypoints alone.
    package var isOfWaypoints: Bool {
        switch (group, kind) {
        case ("", "Service"), ("core", "Service"), ("networking.istio.io", "ServiceEntry"): true
        default: false
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
            all.values(in: namespace)
                .filter { target($0).includes(view.labels, isOwn: namespace == own, isRoot: namespace == root) }
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
