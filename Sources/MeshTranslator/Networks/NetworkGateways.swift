import KubernetesModel
import MeshModel

extension MeshService {
    /// The network that a service is the gateway of, as its labels say, and the port; nil for any other service.
    var gatewayNetwork: (name: String, port: Int)? {
        guard let network = labels["topology.istio.io/network"], !network.isEmpty, !isExternalName else { return nil }
        let port =
            labels["networking.istio.io/gatewayPort"].flatMap(Int.init).flatMap { isPort($0) ? $0 : nil } ?? 15443
        return (network, port)
    }
}

/// How networks are entered, by what is said of them and by what services say of themselves.
///
/// - Parameters:
///   - services: Of all clusters.
///   - addresses: Of host names, as they were looked up.
func meshTopology(
    _ settings: MeshSettings, services: some Sequence<MeshService>, remoteClusters: some Sequence<String>,
    addresses: [String: [String]]
) -> MeshTopology {
    var entrances = NetworkEntrances(addresses: settings.looksUpGateways ? addresses : [:])
    for (network, gateways) in settings.networks.gateways {
        for gateway in gateways where !gateway.isService {
            entrances.add(gateway.host, port: gateway.port, of: network)
        }
    }
    let named = settings.networks.gateways.flatMap { network, gateways in
        gateways.filter(\.isService).map { (network, $0) }
    }
    for service in services {
        var places: [(network: String, port: Int)] = []
        if let (network, port) = service.gatewayNetwork { places.append((network, port)) }
        places += named.filter { $0.1.host == service.hostname }.map { ($0.0, $0.1.port) }
        for (network, port) in places {
            for host in service.externalAddresses { entrances.add(host, port: port, of: network) }
        }
    }
    return MeshTopology(
        gateways: entrances.gateways.mapValues { $0.sorted() }, remoteClusters: remoteClusters.sorted(),
        gatewayNames: settings.looksUpGateways ? entrances.names.sorted() : [])
}

/// The gateways of networks, gathered.
private struct NetworkEntrances {
    /// Of host names.
    let addresses: [String: [String]]
    private(set) var gateways: [String: Set<NetworkGateway>] = [:]
    private(set) var names: Set<String> = []

    init(addresses: [String: [String]]) { self.addresses = addresses }

    /// - Parameter host: An address, or a host name.
    mutating func add(_ host: String, port: Int, of network: String) {
        guard IPAddress(host) == nil else {
            gateways[network, default: []].insert(NetworkGateway(address: host, port: port))
            return
        }
        guard isHostName(host) else { return }
        let name = host.lowercased()
        names.insert(name)
        for address in addresses[name] ?? [] {
            gateways[network, default: []].insert(NetworkGateway(address: address, port: port))
        }
    }
}
