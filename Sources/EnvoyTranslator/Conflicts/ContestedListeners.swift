import MeshModel

/// Where listeners of sidecars may be in each other's way, as long as no Sidecar says where to listen: the few services
/// that have to be looked at.
struct ContestedListeners {
    private(set) var ports: Set<Int> = []
    private var services: Set<ServiceKey> = []

    private struct Place: Hashable {
        /// Empty stands for any.
        var address: String
        var port: Int
    }

    /// Who would listen at a place.
    private struct Takers {
        var http: [ServiceKey] = []
        var others: [ServiceKey] = []
        /// Nobody may wait for the client's first bytes.
        var isServerFirst = false
        var isSniffed = false
    }

    init(in snapshot: MeshSnapshot) {
        let rulesNames = snapshot.configuration.virtualServices.all.values.contains { !$0.tls.isEmpty }
        var places: [Place: Takers] = [:]
        for (key, service) in snapshot.services {
            for port in service.ports where port.meshProtocol.isCarried {
                if port.meshProtocol.isHTTP {
                    places[Place(address: "", port: port.number), default: Takers()].http.append(key)
                    continue
                }
                let isServerFirst =
                    MeshProtocol.isServerFirst(port.number)
                    || StoreProtocol(port.meshProtocol)?.isServerFirst ?? false
                // Where the address does not tell services apart, what clients ask for in TLS does, unless rules say else.
                let isNamed =
                    port.meshProtocol.isTLS && !rulesNames && service.hostname != "*" && !isServerFirst
                for address in snapshot.addresses(of: port, of: service) where !isNamed || !address.isEmpty {
                    let place = Place(address: address, port: port.number)
                    places[place, default: Takers()].others.append(key)
                    if isServerFirst { places[place]?.isServerFirst = true }
                    if port.meshProtocol.isSniffed { places[place]?.isSniffed = true }
                }
            }
        }
        for (place, takers) in places {
            let count = takers.others.count + (takers.isServerFirst && !takers.http.isEmpty ? 1 : 0)
            guard count > 1, !takers.others.isEmpty else { continue }
            ports.insert(place.port)
            services.formUnion(takers.others)
            if takers.isServerFirst || takers.isSniffed { services.formUnion(takers.http) }
        }
    }

    /// The mesh without services that are in nobody's way, and that no rule for connections leads to.
    func mesh(of snapshot: MeshSnapshot) -> MeshSnapshot {
        let rules = snapshot.configuration.virtualServices.all.values.filter { !$0.tcp.isEmpty || !$0.tls.isEmpty }
        let destinations = Set(rules.lazy.flatMap(\.destinations).map(\.host))
        var mesh = snapshot
        mesh.services = snapshot.services.filter { key, service in
            services.contains(key) || !service.aliases.isEmpty || destinations.contains(service.hostname)
        }
        return mesh
    }
}

extension MeshSnapshot {
    /// Where clients call a port that is not HTTP; empty stands for any.
    fileprivate func addresses(of port: ServicePort, of service: MeshService) -> Set<String> {
        let target = OutboundServices.Port(
            service: service, port: port, endpoints: endpoints(of: service.key, port: port))
        let wildcards = AddressFamilies.dual.wildcards
        let own = target.listenerAddresses(.dual).joined().map { wildcards.contains($0) ? "" : $0 }
        return Set(service.addressRanges.isEmpty ? own : own + [""])
    }
}
