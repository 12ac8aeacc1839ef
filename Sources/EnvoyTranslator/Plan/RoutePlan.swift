import MeshModel

extension OutboundServices {
    /// The routes that listeners ask for.
    func routeConfigurations(
        for listeners: [OutboundListenerInput], scope: OutboundScope, mesh: MeshSettings
    ) -> [RouteConfigurationInput] {
        let byNumber = Dictionary(
            grouping: ports.filter { $0.port.meshProtocol.isHTTP || $0.port.meshProtocol.isSniffed },
            by: \.port.number)
        let byName = Dictionary(ports.map { ($0.routesName, $0) }, uniquingKeysWith: { first, _ in first })
        var named: Set<String> = []
        return listeners.compactMap { listener in
            guard let routes = listener.routes, named.insert(routes).inserted else { return nil }
            // The address has told the service already.
            if let target = byName[routes] {
                let host = RouteConfigurationInput.Host(
                    host: target.service.hostname, port: target.port.number, domains: ["*"])
                return .init(name: routes, hosts: [host], fallback: .none)
            }
            return .init(
                name: routes, hosts: hosts(byNumber[listener.port] ?? [], scope: scope, mesh: mesh),
                fallback: mesh.outboundPolicy == .allowAny ? .allow : .block)
        }
    }

    /// Hosts by name. No domain may repeat: complete names come first, then the older service has it.
    private func hosts(
        _ targets: [Port], scope: OutboundScope, mesh: MeshSettings
    ) -> [RouteConfigurationInput.Host] {
        let domains = targets.map {
            HostDomains(of: $0.service, for: scope, clusterDomain: mesh.clusterDomain)
        }
        var taken: Set<String> = []
        let complete = domains.map { $0.complete.filter { taken.insert($0).inserted } }
        let others = domains.map { $0.others.filter { taken.insert($0).inserted } }
        return targets.indices.map { index in
            RouteConfigurationInput.Host(
                host: targets[index].service.hostname, port: targets[index].port.number,
                domains: complete[index] + others[index])
        }
        .filter { !$0.domains.isEmpty }
        .sorted { ($0.host, $0.port) < ($1.host, $1.port) }
    }
}

extension OutboundListenerInput {
    /// The name of the routes it asks for.
    fileprivate var routes: String? {
        switch traffic {
        case .http(let routes, _), .sniffed(let routes, _): routes
        case .tcp: nil
        }
    }
}
