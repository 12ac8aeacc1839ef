import MeshModel

/// Puts together the routes of a gateway workload.
struct RouterRoutes {
    let virtualServices: GatewayVirtualServices
    /// Whether clients are told that they can come by HTTP/3.
    let isOfferedByDatagrams: (MergedGateways.Server) -> Bool
    /// What VirtualServices are read in, for a server.
    let context: (MergedGateways.Server) -> RouteContext

    /// The routes of all servers that see requests.
    func configurations(of gateways: MergedGateways) -> [RouteConfigurationInput] {
        gateways.serversByRoutes.sorted { $0.key < $1.key }.map { name, servers in
            RouteConfigurationInput(name: name, virtualHosts: virtualHosts(of: servers), fallback: .none)
        }
    }

    /// What becomes one virtual host.
    private struct Host {
        var name: String
        var domains: [String]
        var routes: [RouteInput] = []
        var requiresTLS = false
        /// The port that takes HTTP/3; nil if none does.
        var datagramPort: Int?
        /// Where the routes come from: hosts with the same sources have the same routes.
        var sources: [Source] = []
    }

    private struct Source: Hashable {
        var virtualService: ConfigurationOrigin
        var gateway: String
        var port: Int
    }

    private func virtualHosts(of servers: [MergedGateways.Server]) -> [VirtualHostInput] {
        var hosts: [String: Host] = [:]
        for server in servers {
            let port = server.server.port
            let isOffered = isOfferedByDatagrams(server)
            func change(_ host: String, _ change: (inout Host) -> Void) {
                change(&hosts[host, default: Host(name: "\(host):\(port)", domains: [host])])
                if server.server.redirectsToHTTPS { hosts[host]?.requiresTLS = true }
                if isOffered { hosts[host]?.datagramPort = port }
            }
            for virtualService in virtualServices.applied(by: server) {
                let shared = server.server.hosts(
                    sharedWith: virtualService.hosts, of: virtualService.origin.namespace)
                guard !shared.isEmpty else { continue }
                let routes = virtualService.routes(in: context(server))
                guard !routes.isEmpty else { continue }
                let source = Source(
                    virtualService: virtualService.origin, gateway: server.gatewayName, port: port)
                for host in shared {
                    change(host) {
                        $0.routes += routes
                        $0.sources.append(source)
                    }
                }
            }
            if server.server.redirectsToHTTPS {
                for host in server.server.serverNames { change(host) { _ in } }
            }
        }
        if hosts.isEmpty {
            // Nothing is found, and the answer is 404.
            let port = servers.first?.server.port ?? 0
            return [VirtualHostInput(name: "blackhole:\(port)", domains: ["*"], routes: [], tellsAttempts: false)]
        }
        return joined(hosts.sorted { $0.key < $1.key }.map(\.value))
    }

    /// Hosts with the same routes become one, under the name of the first: they may have very many.
    private func joined(_ hosts: [Host]) -> [VirtualHostInput] {
        struct Kind: Hashable {
            var sources: [Source]
            var requiresTLS: Bool
            var datagramPort: Int?
        }
        var places: [Kind: Int] = [:]
        var joined: [VirtualHostInput] = []
        for host in hosts {
            let kind = Kind(
                sources: host.sources, requiresTLS: host.requiresTLS, datagramPort: host.datagramPort)
            if !host.sources.isEmpty, let place = places[kind] {
                joined[place].domains += host.domains
                continue
            }
            places[kind] = joined.count
            joined.append(
                VirtualHostInput(
                    name: host.name, domains: host.domains,
                    routes: host.routes.filter { !$0.takesAll } + host.routes.filter(\.takesAll),
                    requiresTLS: host.requiresTLS, datagramPort: host.datagramPort))
        }
        return joined
    }
}
