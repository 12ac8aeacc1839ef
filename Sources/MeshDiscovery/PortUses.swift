import MeshModel

/// What services do with ports, as far as it decides which of them share a listener.
struct PortUses {
    fileprivate enum Kind {
        /// Requests, which the port's own listener takes for all hosts.
        case requests
        /// Connections to virtual IPs of the service, each with a listener of its own.
        case addresses
        /// All else, which may be in the way of the others.
        case other
    }

    private struct Use {
        var isPublic: Bool
        var ports: [Int: Kind]
        var addresses: [String]
    }

    private var uses: [ServiceKey: Use] = [:]
    private var requests: [Int: Int] = [:]
    private var others: [Int: Int] = [:]
    private var addresses: [String: Int] = [:]

    /// Takes a service over as it is now.
    ///
    /// - Parameter isShared: Others have its host name.
    mutating func update(_ key: ServiceKey, _ service: MeshService?, isShared: Bool) {
        if let old = uses.removeValue(forKey: key) { count(old, -1) }
        guard let service else { return }
        let use = Use(
            isPublic: service.visibility.isPublic,
            ports: isShared ? service.kinds.mapValues { _ in .other } : service.kinds,
            addresses: service.allAddresses)
        uses[key] = use
        count(use, 1)
    }

    private mutating func count(_ use: Use, _ step: Int) {
        for (port, kind) in use.ports {
            if kind == .requests, use.isPublic { requests.count(port, step) }
            if kind == .other { others.count(port, step) }
        }
        for address in use.addresses { addresses.count(address, step) }
    }

    /// Whether services that all see take requests on a port.
    func takesRequests(_ port: Int) -> Bool { requests[port] != nil }

    /// Whether a service has a port for itself, or shares it with others in no other way than that requests for all of them
    /// come to one listener.
    func isApart(_ key: ServiceKey, on port: Int) -> Bool {
        guard others[port] == nil, let use = uses[key] else { return others[port] == nil }
        return use.ports[port] != .addresses || use.addresses.allSatisfy { addresses[$0] == 1 }
    }

}

extension MeshService {
    /// What it does with each of its ports that a proxy can carry.
    fileprivate var kinds: [Int: PortUses.Kind] {
        let takesOwn =
            resolution == .endpoints && !addresses.isEmpty && addressRanges.isEmpty && clusterAddresses.isEmpty
        var kinds: [Int: PortUses.Kind] = [:]
        for port in ports where port.meshProtocol != .udp && port.meshProtocol != .unsupported {
            guard kinds[port.number] == nil else { continue }
            kinds[port.number] =
                isWildcard || resolution == .dynamicDNS
                ? .other : port.meshProtocol.isHTTP ? .requests : takesOwn ? .addresses : .other
        }
        return kinds
    }

    fileprivate var allAddresses: [String] {
        Array(Set(addresses + allocatedAddresses + clusterAddresses.values.flatMap(\.self)))
    }
}

extension Dictionary where Value == Int {
    fileprivate mutating func count(_ key: Key, _ step: Int) {
        let sum = self[key, default: 0] + step
        self[key] = sum == 0 ? nil : sum
    }
}
