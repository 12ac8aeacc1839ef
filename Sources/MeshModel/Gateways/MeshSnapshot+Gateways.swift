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

    /// The label of Services whose ports say nothing about those of Gateways.
    private static let noTranslation = "experimental.istio.io/disable-gateway-port-translation"
}
