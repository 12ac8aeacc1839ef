import KubernetesModel
import MeshModel

/// Makes the filter chains of ports whose connections a sidecar passes on as they are.
struct ConnectionRoutes {
    let scope: OutboundScope
    let labels: [String: String]
    let index: VirtualServiceIndex
    let destinations: DestinationLookup

    /// The chains of a service's port: what VirtualServices say of it, and what becomes of all else.
    ///
    /// - Parameters:
    ///   - prefixes: The service's own addresses, where those tell it apart from others on the same listener.
    ///   - isWildcardBind: The listener takes calls of any address.
    func chains(
        for target: OutboundServices.Port, prefixes: [AddressRange], isWildcardBind: Bool
    ) -> [OutboundChain] {
        var chains: [OutboundChain] = []
        let wanted =
            target.port.meshProtocol.isTLS
            ? chainsByName(for: target, prefixes: prefixes, isWildcardBind: isWildcardBind)
            : chainsByAddress(for: target, prefixes: prefixes)
        let store = StoreProtocol(target.port.meshProtocol)
        for var chain in wanted {
            chain.store = store
            chains.add(unambiguous: chain)
        }
        return chains
    }

    /// Of a port where clients' TLS passes unopened: what they ask for decides.
    private func chainsByName(
        for target: OutboundServices.Port, prefixes: [AddressRange], isWildcardBind: Bool
    ) -> [OutboundChain] {
        let chains = index.matching(target.service.hostname).flatMap { service in
            service.tls.flatMap { rule in
                rule.matches.filter { applies($0, to: target) }.compactMap { match in
                    chain(rule, match.ranges, names: match.serverNames.matched, of: service, for: target)
                }
            }
        }
        guard chains.isEmpty else { return chains }
        // Where the address tells the service, the client may ask for whatever it likes.
        let names = isWildcardBind || !prefixes.isEmpty ? target.serverNames : []
        return [OutboundChain(prefixes: prefixes, serverNames: names.matched, target: destinations.target(of: target))]
    }

    /// Of all other ports: the address decides. The first rule for any address ends the list.
    private func chainsByAddress(for target: OutboundServices.Port, prefixes: [AddressRange]) -> [OutboundChain] {
        var chains: [OutboundChain] = []
        for service in index.matching(target.service.hostname) {
            for rule in service.tcp {
                let matches = rule.matches.filter { applies($0, to: target) }
                let takesAll = rule.matches.isEmpty || matches.contains { $0.destinationSubnets.isEmpty }
                guard takesAll || !matches.isEmpty else { continue }
                let ranges = takesAll ? prefixes : matches.flatMap(\.ranges)
                if let chain = chain(rule, ranges, names: [], of: service, for: target) { chains.append(chain) }
                if takesAll { return chains }
            }
        }
        return chains + [OutboundChain(prefixes: prefixes, target: destinations.target(of: target))]
    }

    private func chain(
        _ rule: ConnectionRule, _ ranges: [AddressRange], names: [String], of service: VirtualService,
        for target: OutboundServices.Port
    ) -> OutboundChain? {
        destinations.target(
            of: rule.destinations, listenerPort: target.port.number,
            statPrefix: "\(service.origin.name).\(service.origin.namespace)"
        )
        .map { OutboundChain(prefixes: ranges, serverNames: names, target: $0, origin: service.origin.reference.key) }
    }

    private func applies(_ match: ConnectionMatch, to target: OutboundServices.Port) -> Bool {
        match.client.applies(
            gateway: VirtualService.mesh, port: target.port.number, namespace: scope.namespace, labels: labels)
    }
}

extension ConnectionMatch {
    fileprivate var ranges: [AddressRange] { destinationSubnets.compactMap { AddressRange($0) } }
}

extension OutboundServices.Port {
    /// What clients ask for in TLS when they mean the service.
    fileprivate var serverNames: [String] { [service.hostname] + service.aliases.map(\.hostname) }
}

extension [String] {
    /// As chains match them: `*` for all is no name at all.
    fileprivate var matched: [String] { contains("*") ? [] : self }
}

extension [OutboundChain] {
    /// Adds a chain without what an earlier one takes already: a proxy refuses a listener with two chains for one
    /// connection, and would be left with what it had before.
    ///
    /// - Returns: Whether nothing was taken from it.
    @discardableResult
    mutating func add(unambiguous chain: OutboundChain) -> Bool {
        let (ranges, names) = (chain.prefixes.count, chain.serverNames.count)
        var chain = chain
        for earlier in self where earlier.sharesPrefix(with: chain) {
            if chain.serverNames.isEmpty, earlier.serverNames.isEmpty {
                chain.prefixes.removeAll(where: earlier.prefixes.contains)
                if chain.prefixes.isEmpty { return false }
            } else if !chain.serverNames.isEmpty {
                chain.serverNames.removeAll(where: earlier.serverNames.contains)
                if chain.serverNames.isEmpty { return false }
            }
        }
        let isWhole = chain.prefixes.count == ranges && chain.serverNames.count == names
        append(chain)
        return isWhole
    }
}

extension OutboundChain {
    fileprivate func sharesPrefix(with other: OutboundChain) -> Bool {
        prefixes.isEmpty && other.prefixes.isEmpty || prefixes.contains(where: other.prefixes.contains)
    }
}
