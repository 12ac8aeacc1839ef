import MeshModel

extension OutboundServices {
    /// A listener for each port of HTTP, and one for each address and port of all else. Of services that would have the
    /// same, the oldest has it.
    func listeners(
        mesh: MeshSettings, families: AddressFamilies, settings: TrafficSettings
    ) -> [OutboundListenerInput] {
        var taken: Set<Place> = Set(mesh.reservedPorts.map { Place(address: families.wildcards[0], port: $0) })
        var listeners: [OutboundListenerInput] = []
        for target in ports {
            for addresses in target.listenerAddresses(families) {
                let free = addresses.filter { taken.insert(Place(address: $0, port: target.port.number)).inserted }
                guard !free.isEmpty else { continue }
                listeners.append(
                    .init(
                        addresses: free, port: target.port.number,
                        traffic: target.traffic(
                            onAnyAddress: addresses == families.wildcards, otherwise: mesh.fallbackCluster),
                        settings: settings))
            }
        }
        return listeners
    }

    private struct Place: Hashable {
        var address: String
        var port: Int
    }
}

extension OutboundServices.Port {
    /// The addresses of each listener for this port.
    fileprivate func listenerAddresses(_ families: AddressFamilies) -> [[String]] {
        if port.meshProtocol.isHTTP { return [families.wildcards] }
        switch service.resolution {
        case .endpoints:
            // Without a virtual IP the port is all that tells it.
            if service.addresses.isEmpty { return [families.wildcards] }
            let usable = service.addresses.filter(families.supports)
            return usable.isEmpty ? [] : [usable]
        case .headless:
            // Also of those that are not ready: members of a cluster talk before they are.
            var known: Set<String> = []
            return endpoints.endpoints.map(\.address).filter { families.supports($0) && known.insert($0).inserted }
                .map { [$0] }
        case .externalName:
            return []
        }
    }

    fileprivate func traffic(onAnyAddress: Bool, otherwise: String) -> OutboundListenerInput.Traffic {
        if port.meshProtocol.isHTTP { return .http(routes: "\(port.number)", otherwise: otherwise) }
        if port.meshProtocol.isSniffed {
            // Where the address does not tell the service, the host does.
            return .sniffed(routes: onAnyAddress ? "\(port.number)" : routesName, cluster: clusterName)
        }
        return .tcp(cluster: clusterName)
    }
}

extension MeshSettings {
    /// Ports on which a sidecar listens itself.
    fileprivate var reservedPorts: [Int] { [outboundPort, inboundPort, 15021, 15090] }
}
