package import KubernetesModel

extension MeshSnapshot {
    /// What a gateway workload has of all Gateways.
    package func gateways(of view: ProxyView) -> MergedGateways {
        guard view.kind == .router else { return MergedGateways() }
        let served = Set(view.inbound.map(\.service))
        let selected = gateways.filter { gateway in
            if settings.scopesGateways, gateway.origin.namespace != view.outbound.namespace { return false }
            switch gateway.workloads {
            case .labels(let labels): return labels.allSatisfy { view.labels[$0.key] == $0.value }
            case .services(let hosts):
                return served.contains {
                    hosts.contains($0.hostname) && $0.namespace == gateway.origin.namespace
                }
            }
        }
        guard !selected.isEmpty else { return MergedGateways() }
        let untranslated = served.filter { services[$0]?.labels[Self.noTranslation] != nil }
        return MergedGateways(selected, instances: view.inbound, untranslated: untranslated)
    }

    /// All Gateways, those of Ingresses too.
    package var gateways: [Gateway] {
        Array(configuration.gateways.values) + ingresses.map { $0.gateway(for: settings) }
    }

    /// What Gateways do to each other, on a workload that has just the labels of one of them: servers that are left out.
    /// Ports count as they are written.
    package var gatewayConflicts: [ObjectReference: [Diagnostic]] {
        guard !configuration.gateways.isEmpty else { return [:] }
        let all = gateways
        var workloads: Set<VirtualWorkload> = []
        for gateway in all {
            guard case .labels(let labels) = gateway.workloads else { continue }
            let namespace = settings.scopesGateways ? gateway.origin.namespace : nil
            workloads.insert(VirtualWorkload(labels: labels, namespace: namespace))
        }
        var found: [ObjectReference: [Diagnostic]] = [:]
        for workload in workloads {
            let selected = all.filter { gateway in
                guard case .labels(let needed) = gateway.workloads,
                    workload.namespace ?? gateway.origin.namespace == gateway.origin.namespace
                else { return false }
                return needed.allSatisfy { workload.labels[$0.key] == $0.value }
            }
            for conflict in MergedGateways(selected, instances: [], untranslated: []).conflicts
            where configuration.gateways[conflict.gateway.key] != nil {
                let known = found[conflict.gateway] ?? []
                if !known.contains(conflict.diagnostic) { found[conflict.gateway] = known + [conflict.diagnostic] }
            }
        }
        return found.mapValues { $0.sorted { ($0.path, $0.message) < ($1.path, $1.message) } }
    }

    /// The label of Services whose ports say nothing about those of Gateways.
    private static let noTranslation = "experimental.istio.io/disable-gateway-port-translation"
}

/// A gateway workload that there could be.
private struct VirtualWorkload: Hashable {
    var labels: [String: String]
    /// Of its Gateways; nil for all.
    var namespace: String?
}
