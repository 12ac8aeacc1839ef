import MeshModel

/// The listeners of a sidecar for calls to others: a listener for each port of HTTP, and one for each address and port of
/// all else. Where services would have the same, requests and other connections are told apart by their first bytes; of
/// what cannot be told apart the oldest has it.
struct OutboundListeners {
    let mesh: MeshSettings
    let families: AddressFamilies
    let settings: TrafficSettings
    let lookup: HostLookup
    private(set) var inputs: [OutboundListenerInput] = []
    /// What services do not have because others have it.
    private(set) var conflicts: Set<ListenerConflict> = []
    /// Positions among the inputs; nil where nothing can be added.
    private var places: [Place: Int?] = [:]

    private struct Place: Hashable {
        var address: String
        var port: Int
    }

    init(mesh: MeshSettings, families: AddressFamilies, lookup: HostLookup, settings: TrafficSettings) {
        self.lookup = lookup
        self.mesh = mesh
        self.families = families
        self.settings = settings
        for port in mesh.reservedPorts {
            for address in families.wildcards { places[Place(address: address, port: port)] = .some(nil) }
        }
    }

    /// Adds what a group of services needs. What earlier groups have is theirs.
    ///
    /// - Returns: The new ones.
    mutating func add(_ group: OutboundGroup, connections: ConnectionRoutes) -> [OutboundListenerInput] {
        for place in places.keys { places[place] = .some(nil) }
        let first = inputs.count
        let otherwise = mesh.fallback(in: group.scope).connectionCluster
        for target in group.services.ports {
            if let port = group.listener?.port {
                add(target, on: port, of: group, otherwise: otherwise, connections)
            } else {
                add(target, in: group, otherwise: otherwise, connections)
            }
        }
        let ports = group.services.ports.filter { $0.service.resolution == .dynamicDNS }.map(\.port.number)
        let looksUpAll = mesh.fallback(in: group.scope) == .dynamicDNS
        for index in inputs.indices[first...] where looksUpAll || ports.contains(inputs[index].port) {
            inputs[index].lookup = lookup
        }
        return Array(inputs[first...])
    }

    /// A port of a service, where a Sidecar says which port is listened on.
    private mutating func add(
        _ target: OutboundServices.Port, on port: EgressListener.Port, of group: OutboundGroup, otherwise: String,
        _ connections: ConnectionRoutes
    ) {
        let addresses = group.boundAddresses(families) ?? families.wildcards
        if port.meshProtocol.isHTTP {
            let routes = port.number == 0 ? addresses[0] : "\(port.number)"
            add(addresses, port.number, .http(routes: routes, otherwise: otherwise), group)
        } else {
            var chains = connections.chains(for: target, prefixes: [], isWildcardBind: true)
            if port.meshProtocol.isSniffed { chains.sniff(by: "\(port.number)") }
            add(addresses, port.number, .chains(chains, otherwise: otherwise), group)
        }
    }

    private mutating func add(
        _ target: OutboundServices.Port, in group: OutboundGroup, otherwise: String, _ connections: ConnectionRoutes
    ) {
        let number = target.port.number
        let bound = group.boundAddresses(families)
        if target.port.meshProtocol.isHTTP {
            add(bound ?? families.wildcards, number, .http(routes: "\(number)", otherwise: otherwise), group)
            return
        }
        if let bound {
            var chains = connections.chains(for: target, prefixes: [], isWildcardBind: true)
            if target.port.meshProtocol.isSniffed { chains.sniff(by: "\(number)") }
            add(bound, number, .chains(chains, otherwise: otherwise), group)
            return
        }
        for addresses in target.listenerAddresses(families) {
            let isWildcard = addresses == families.wildcards
            var chains = connections.chains(for: target, prefixes: [], isWildcardBind: isWildcard)
            // Where the address does not tell the service, the host does.
            if target.port.meshProtocol.isSniffed { chains.sniff(by: isWildcard ? "\(number)" : target.routesName) }
            add(addresses, number, .chains(chains, otherwise: otherwise), group)
        }
        let ranges = target.service.addressRanges.filter { families.supports($0.address) }
        guard !ranges.isEmpty else { return }
        var chains = connections.chains(for: target, prefixes: ranges, isWildcardBind: true)
        if target.port.meshProtocol.isSniffed { chains.sniff(by: "\(number)") }
        add(families.wildcards, number, .chains(chains, otherwise: otherwise), group)
    }

    private mutating func add(
        _ addresses: [String], _ port: Int, _ traffic: OutboundListenerInput.Traffic, _ group: OutboundGroup
    ) {
        let free = addresses.filter { places[Place(address: $0, port: port)] == nil }
        guard free.isEmpty else {
            if free.count < addresses.count { note(traffic, on: addresses, port) }
            for address in free { places[Place(address: address, port: port)] = .some(inputs.count) }
            inputs.append(
                .init(
                    addresses: free, port: port, traffic: traffic.withoutCollisions, bindsToPort: group.bindsToPort,
                    settings: settings))
            return
        }
        guard let first = addresses.first, let place = places[Place(address: first, port: port)], let index = place,
            inputs[index].addresses == addresses
        else {
            note(traffic, on: addresses, port)
            return
        }
        if let kind = inputs[index].traffic.join(traffic, on: port) {
            conflicts.insert(ListenerConflict(kind, address: first, port: port))
        }
    }

    /// Notes which addresses somebody else of the same group has.
    private mutating func note(_ traffic: OutboundListenerInput.Traffic, on addresses: [String], _ port: Int) {
        for address in addresses {
            guard let place = places[Place(address: address, port: port)], let index = place,
                let kind = inputs[index].traffic.conflict(with: traffic)
            else { continue }
            conflicts.insert(ListenerConflict(kind, address: address, port: port))
        }
    }
}

extension OutboundListenerInput.Traffic {
    /// Adds what no connection would be torn between.
    ///
    /// - Returns: What is in the way of the rest.
    fileprivate mutating func join(_ other: Self, on port: Int) -> ListenerConflict.Kind? {
        var isWhole = true
        if case .chains(var chains, let otherwise) = self, case .chains(let added, _) = other {
            // So that the list is nobody else's, and is not copied for every chain.
            self = .chains([], otherwise: otherwise)
            for chain in added {
                let earlier = chains.count
                if chains.add(unambiguous: chain) { continue }
                // Requests go by the same routes, whoever has the port.
                let isRouted = chains[..<earlier].contains { $0.sniffedRoutes == chain.sniffedRoutes }
                if chain.sniffedRoutes == nil || !isRouted { isWhole = false }
            }
            self = .chains(chains, otherwise: otherwise)
            return isWhole ? nil : .tcpOverTCP
        }
        // Where the server speaks first nobody may wait for the client's first bytes.
        if MeshProtocol.isServerFirst(port) || isServerFirst || other.isServerFirst { return conflict(with: other) }
        switch (self, other) {
        case (.http(let routes, var others, let otherwise), .chains(let added, _)):
            self = .http(routes: routes, others: [], otherwise: otherwise)
            // The routes have the requests of a port that speaks either already.
            for chain in added where !chain.isOfEither { isWhole = others.add(unambiguous: chain) && isWhole }
            self = .http(routes: routes, others: others, otherwise: otherwise)
        case (.chains(let chains, let otherwise), .http(let routes, _, _)):
            if !chains.contains(where: \.isOfEither) {
                self = .http(routes: routes, others: chains, otherwise: otherwise)
            }
        case (.http, .http), (.chains, .chains): break
        }
        return isWhole ? nil : .tcpOverTCP
    }

    /// What it is called that another one would take the same connections; nil: requests are told apart by routes.
    fileprivate func conflict(with other: Self) -> ListenerConflict.Kind? {
        switch (self, other) {
        case (.http, .http): nil
        case (.http, .chains): .tcpOverHTTP
        case (.chains, .http): .httpOverTCP
        case (.chains, .chains): .tcpOverTCP
        }
    }

    private var isServerFirst: Bool {
        switch self {
        case .http(_, let chains, _), .chains(let chains, _): chains.contains { $0.store?.isServerFirst ?? false }
        }
    }

    fileprivate var withoutCollisions: Self {
        guard case .chains(let chains, let otherwise) = self else { return self }
        var kept: [OutboundChain] = []
        for chain in chains { kept.add(unambiguous: chain) }
        return .chains(kept, otherwise: otherwise)
    }
}

extension OutboundChain {
    /// It takes requests and all else, of any address.
    fileprivate var isOfEither: Bool { matchesAll && sniffedRoutes != nil }
}

extension [OutboundChain] {
    /// Requests go by routes wherever the first bytes tell them. A client's TLS is not opened.
    fileprivate mutating func sniff(by routes: String) {
        for index in indices where self[index].serverNames.isEmpty { self[index].sniffedRoutes = routes }
    }
}

extension OutboundServices.Port {
    /// The addresses of each listener for this port, where no requests are routed.
    func listenerAddresses(_ families: AddressFamilies) -> [[String]] {
        switch service.resolution {
        case .externalName: return []
        case .headless: return memberAddresses(families)
        case .none where isOfMembers: return memberAddresses(families)
        case .endpoints, .dns, .dnsRoundRobin, .dynamicDNS, .none:
            // Without a virtual IP the port is all that tells it.
            if service.addresses.isEmpty { return service.addressRanges.isEmpty ? [families.wildcards] : [] }
            let usable = service.addresses.filter(families.supports)
            if usable.isEmpty { return [] }
            let belongTogether = service.isOfKubernetes || service.addresses == service.allocatedAddresses
            return belongTogether ? [usable] : usable.map { [$0] }
        }
    }

    /// Clients call its workloads by their own addresses.
    private var isOfMembers: Bool {
        service.addresses.isEmpty && service.addressRanges.isEmpty
            && !(service.selector.isEmpty && endpoints.endpoints.isEmpty)
    }

    /// Also of those that are not ready: members of a cluster talk before they are.
    private func memberAddresses(_ families: AddressFamilies) -> [[String]] {
        var known: Set<String> = []
        return endpoints.endpoints.map(\.address).filter { families.supports($0) && known.insert($0).inserted }
            .map { [$0] }
    }
}

extension MeshSettings {
    /// Ports on which a sidecar listens itself.
    fileprivate var reservedPorts: [Int] { [outboundPort, inboundPort, 15021, 15090] }
}
