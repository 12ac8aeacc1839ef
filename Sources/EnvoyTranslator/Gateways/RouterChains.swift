import MeshModel

/// Puts together the filter chains of a gateway workload's listeners.
struct RouterChains {
    let virtualServices: GatewayVirtualServices
    let destinations: DestinationLookup
    /// What connections can ask for by name.
    let named: [NamedService]
    let view: ProxyView
    let mesh: MeshSettings
    let sources: ConfigSources

    func chains(of listener: MergedGateways.Listener) -> [RouterChain] {
        guard let first = listener.servers.first else { return [] }
        guard first.server.isEncrypted else {
            // What the first one is decides: HTTP of all together, or TCP of one.
            if first.server.seesRequests {
                return [RouterChain(isEncrypted: false, action: .http(routes: first.routes))]
            }
            guard let target = connections(of: first) else { return [] }
            var chain = RouterChain(isEncrypted: false, action: .tcp(target))
            chain.store = StoreProtocol(first.server.meshProtocol)
            return [chain]
        }
        // Of rules for one name the first counts. Between servers that is for the listener to say.
        return listener.servers.flatMap(encrypted).unambiguous { $0.tls == nil }
    }

    /// The chains of servers whose requests are taken over QUIC.
    func datagramChains(of servers: [MergedGateways.Server]) -> [RouterChain] {
        servers.flatMap(encrypted).unambiguous()
    }

    private func encrypted(_ server: MergedGateways.Server) -> [RouterChain] {
        guard let tls = server.server.tls else { return [] }
        switch tls.mode {
        case .passthrough: return passthrough(server)
        case .autoPassthrough: return passthroughByName(server)
        case .simple, .mutual, .optionalMutual, .istioMutual:
            let input = ServerTLSInput(tls, mesh: mesh, sources: sources)
            func chain(_ names: [String], _ action: RouterChain.Action) -> RouterChain {
                RouterChain(serverNames: names.matched, tls: input, isEncrypted: true, action: action)
            }
            if server.server.seesRequests { return [chain(server.server.serverNames, .http(routes: server.routes))] }
            if let target = connections(of: server) { return [chain(server.server.serverNames, .tcp(target))] }
            // Rules by name do for connections that end here too, where nothing else is said.
            return ruledByName(server).map { chain($0.names, .tcp($0.target)) }.unambiguous()
        }
    }

    /// Where connections of a server go: to what the first rule says that is for them.
    private func connections(of server: MergedGateways.Server) -> ConnectionTarget? {
        for service in virtualServices.applied(by: server) where shares(server, service) {
            for rule in service.tcp
            where rule.matches.isEmpty || rule.matches.contains(where: { applies($0, to: server) }) {
                return target(of: rule, service, server)
            }
        }
        return nil
    }

    /// What clients ask for in TLS, and where that goes, for each rule that says so.
    private func ruledByName(_ server: MergedGateways.Server) -> [(names: [String], target: ConnectionTarget)] {
        virtualServices.applied(by: server).filter { shares(server, $0) }.flatMap { service in
            service.tls.flatMap { rule in
                rule.matches.filter { applies($0, to: server) }.compactMap { match in
                    target(of: rule, service, server).map { (match.serverNames, $0) }
                }
            }
        }
    }

    /// A chain for each rule that is for a name.
    private func passthrough(_ server: MergedGateways.Server) -> [RouterChain] {
        ruledByName(server).map {
            RouterChain(serverNames: $0.names.matched, isEncrypted: true, action: .tcp($0.target))
        }
    }

    /// A chain for each service, port and subset: the name that the client of another network asks for says which.
    private func passthroughByName(_ server: MergedGateways.Server) -> [RouterChain] {
        let patterns = server.server.serverNames
        return named.filter { named in
            patterns.contains { HostPattern.isSubset(named.service.hostname, of: $0) }
        }
        .map { named in
            RouterChain(
                serverNames: [named.name], applicationProtocols: ApplicationProtocols.mesh, isEncrypted: true,
                action: .tcp(.cluster(named.name)))
        }
    }

    private func shares(_ server: MergedGateways.Server, _ service: VirtualService) -> Bool {
        !server.server.hosts(sharedWith: service.hosts, of: service.origin.namespace).isEmpty
    }

    private func applies(_ match: ConnectionMatch, to server: MergedGateways.Server) -> Bool {
        match.client.applies(
            gateway: server.gatewayName, port: server.server.port, namespace: view.outbound.namespace,
            labels: view.labels)
    }

    private func target(
        of rule: ConnectionRule, _ service: VirtualService, _ server: MergedGateways.Server
    ) -> ConnectionTarget? {
        destinations.target(
            of: rule.destinations, listenerPort: server.server.port,
            statPrefix: "\(service.origin.name).\(service.origin.namespace)")
    }
}

extension [String] {
    /// As chains match them: `*` for all is no name at all.
    fileprivate var matched: [String] { contains("*") ? [] : self }
}

extension [RouterChain] {
    /// Without what an earlier chain takes already: a proxy refuses a listener with two chains for one connection, and
    /// would be left with what it had before.
    ///
    /// - Parameter counts: Whether a chain is looked at; the others stay as they are.
    func unambiguous(_ counts: (RouterChain) -> Bool = { _ in true }) -> [RouterChain] {
        var taken: Set<RouterChainMatch> = []
        return compactMap { chain in
            guard counts(chain) else { return chain }
            var chain = chain
            let protocols = chain.applicationProtocols.isEmpty ? [""] : chain.applicationProtocols
            func isFree(_ name: String) -> Bool {
                let matches = protocols.map { RouterChainMatch(serverName: name, applicationProtocol: $0) }
                guard taken.isDisjoint(with: matches) else { return false }
                taken.formUnion(matches)
                return true
            }
            if chain.serverNames.isEmpty { return isFree("") ? chain : nil }
            chain.serverNames = chain.serverNames.filter(isFree)
            return chain.serverNames.isEmpty ? nil : chain
        }
    }
}

/// What one connection could ask for.
private struct RouterChainMatch: Hashable {
    var serverName: String
    var applicationProtocol: String
}
