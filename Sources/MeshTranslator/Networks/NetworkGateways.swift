import KubernetesModel
import MeshModel

extension MeshService {
    /// The gateways that a service is for its network, as its labels say; nil for any other service.
    var networkGateways: (network: String, gateways: [NetworkGateway])? {
        guard let network = labels["topology.istio.io/network"], !network.isEmpty, !isExternalName else { return nil }
        let port =
            labels["networking.istio.io/gatewayPort"].flatMap(Int.init).flatMap { isPort($0) ? $0 : nil } ?? 15443
        return (network, outsideGateways(port: port))
    }

    /// At the addresses by which a service is reached from outside of its network. Host names are not among them: endpoints
    /// have to be addresses.
    func outsideGateways(port: Int) -> [NetworkGateway] {
        externalAddresses.filter { IPAddress($0) != nil }.map { NetworkGateway(address: $0, port: port) }
    }
}

/// How networks are entered, by what is said of them and by what services say of themselves.
///
/// - Parameters:
///   - services: Of all clusters.
func meshTopology(
    _ settings: NetworkSettings, services: some Sequence<MeshService>, remoteClusters: some Sequence<String>
) -> MeshTopology {
    var found: [String: Set<NetworkGateway>] = [:]
    for (network, gateways) in settings.gateways {
        for gateway in gateways where !gateway.isService {
            found[network, default: []].insert(NetworkGateway(address: gateway.host, port: gateway.port))
        }
    }
    let named = settings.gateways.flatMap { network, gateways in
        gateways.filter(\.isService).map { (network, $0) }
    }
    for service in services {
        if let (network, gateways) = service.networkGateways { found[network, default: []].formUnion(gateways) }
        for (network, gateway) in named where gateway.host == service.hostname {
            found[network, default: []].formUnion(service.outsideGateways(port: gateway.port))
        }
    }
    return MeshTopology(
        gateways: found.filter { !$0.value.isEmpty }.mapValues { $0.sorted() }, remoteClusters: remoteClusters.sorted())
}
