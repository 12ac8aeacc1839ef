import MeshModel

/// The VirtualServices that a gateway workload applies, by the Gateway that they name; those of Ingresses too.
struct GatewayVirtualServices {
    private let byGateway: [String: [VirtualService]]

    /// - Parameter names: Of the Gateways: `namespace/name`.
    init(_ names: Set<String>, in snapshot: MeshSnapshot, scope: OutboundScope) {
        let ingress = snapshot.ingressVirtualServices
        byGateway = Dictionary(
            uniqueKeysWithValues: names.map { name in
                let index = VirtualServiceIndex(snapshot.configuration, gateway: name, scope: scope)
                return (name, index.virtualServices + ingress.filter { $0.gateways.contains(name) })
            })
    }

    /// The one that wins a conflict first.
    func applied(by server: MergedGateways.Server) -> [VirtualService] { byGateway[server.gatewayName] ?? [] }
}
