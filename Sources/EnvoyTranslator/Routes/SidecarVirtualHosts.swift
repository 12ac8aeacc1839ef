import MeshModel

/// Makes the virtual hosts of a sidecar's ports.
///
/// A service has the routes of the first VirtualService for its host that has any for the port, or else its default one.
/// Hosts of VirtualServices that are no service get virtual hosts wherever the object is about a service of the port,
/// and on port 80 always.
struct SidecarVirtualHosts {
    let scope: OutboundScope
    let labels: [String: String]
    let mesh: MeshSettings
    let index: VirtualServiceIndex
    let destinations: DestinationLookup

    /// For connections that are passed on as they are.
    var connections: ConnectionRoutes {
        ConnectionRoutes(scope: scope, labels: labels, index: index, destinations: destinations)
    }

    /// The virtual host of one service, for requests that are known to be meant for it.
    func virtualHost(of target: OutboundServices.Port) -> VirtualHostInput {
        var routes = VirtualServiceRoutes(context(port: target.port.number))
        return VirtualHostInput(
            name: target.routesName, domains: ["*"], routes: self.routes(of: target, &routes))
    }

    /// The virtual hosts of a port, by name. No domain repeats: complete names come first, then the first service has it.
    ///
    /// - Parameter targets: All services with this port, HTTP or not; the older ones first.
    func virtualHosts(port: Int, targets: [OutboundServices.Port]) -> [VirtualHostInput] {
        configuration(port: port, targets: targets).virtualHosts
    }

    /// The routes of a port, under the name that its listener asks for.
    func configuration(port: Int, targets: [OutboundServices.Port]) -> RouteConfigurationInput {
        var routes = VirtualServiceRoutes(context(port: port))
        var hosts = plainHosts(port: port, targets: targets, &routes)
        for target in targets where target.port.meshProtocol.isHTTP || target.port.meshProtocol.isSniffed {
            let domains = HostDomains(of: target.service, for: scope, clusterDomain: mesh.clusterDomain)
            hosts.append(
                Host(
                    input: .init(name: target.routesName, domains: [], routes: self.routes(of: target, &routes)),
                    domains: domains))
        }
        let wanted = hosts.reduce(0) { $0 + $1.domains.complete.count + $1.domains.others.count }
        var names: Set<String> = []
        hosts.removeAll { !names.insert($0.input.name).inserted }
        var taken: Set<String> = []
        let complete = hosts.map { $0.domains.complete.filter { taken.insert($0).inserted } }
        let others = hosts.map { $0.domains.others.filter { taken.insert($0).inserted } }
        let inputs = hosts.indices.map { index in
            var input = hosts[index].input
            input.domains = complete[index] + others[index]
            return input
        }
        var configuration = RouteConfigurationInput(
            name: "\(port)", virtualHosts: inputs.filter { !$0.domains.isEmpty }.sorted { $0.name < $1.name },
            fallback: mesh.fallback(in: scope).routes)
        configuration.isContested = taken.count < wanted
        return configuration
    }

    private struct Host {
        var input: VirtualHostInput
        var domains: HostDomains
    }

    private func context(port: Int) -> RouteContext {
        RouteContext(
            gateway: VirtualService.mesh, port: port, namespace: scope.namespace, labels: labels,
            destinations: destinations, mesh: mesh)
    }

    private func routes(of target: OutboundServices.Port, _ routes: inout VirtualServiceRoutes) -> [RouteInput] {
        for service in index.virtualServices(for: target.service.hostname) {
            let found = routes.routes(of: service)
            if !found.isEmpty { return found }
        }
        let (host, port) = (target.service.hostname, target.port.number)
        return [
            .toService(
                host: host, port: port, retries: mesh.defaultRetries,
                hashPolicies: destinations.hashPolicies(host: host, port: port),
                session: destinations.session(of: host))
        ]
    }

    /// Hosts of VirtualServices that are no service of the port.
    private func plainHosts(
        port: Int, targets: [OutboundServices.Port], _ routes: inout VirtualServiceRoutes
    ) -> [Host] {
        guard !index.isEmpty else { return [] }
        let known = Set(targets.map(\.service.hostname))
        let candidates = port == 80 ? index.virtualServices : virtualServices(about: targets)
        // Patterns that stand for a service are told by it.
        let patterns = Set(known.lazy.flatMap { HostPatterns(matching: $0) })
        var hosts: [Host] = []
        for service in candidates {
            let plain = service.hosts.filter { !($0.hasPrefix("*") ? patterns : known).contains($0) }
            guard !plain.isEmpty else { continue }
            let found = routes.routes(of: service)
            guard !found.isEmpty else { continue }
            for host in plain {
                let domain = host.contains(":") ? "[\(host)]" : host
                hosts.append(
                    Host(
                        input: .init(name: "\(domain):\(port)", domains: [], routes: found),
                        domains: HostDomains(complete: [domain])))
            }
        }
        return hosts
    }

    /// In order of precedence, each once.
    private func virtualServices(about targets: [OutboundServices.Port]) -> [VirtualService] {
        let about = Set(
            targets.lazy.filter { $0.port.meshProtocol.isHTTP || $0.port.meshProtocol.isSniffed }
                .flatMap { index.virtualServices(for: $0.service.hostname) }.map(\.origin.reference))
        return about.isEmpty ? [] : index.virtualServices.filter { about.contains($0.origin.reference) }
    }
}

/// Routes that VirtualServices have on one port, each made once.
private struct VirtualServiceRoutes {
    private let context: RouteContext
    private var known: [ConfigurationOrigin: [RouteInput]] = [:]

    init(_ context: RouteContext) { self.context = context }

    mutating func routes(of service: VirtualService) -> [RouteInput] {
        if let routes = known[service.origin] { return routes }
        let routes = service.routes(in: context)
        known[service.origin] = routes
        return routes
    }
}
