package import KubernetesModel

/// All Gateways that one gateway workload opens ports for, as one: which listeners there are, and who is served on each.
///
/// ```
///   Gateways, oldest first ─► servers ─► by address and port ─► plain HTTP:  one set of routes for all
///                                                              plain TCP:   the first server has it
///                                                              TLS:         told apart by the name clients ask for
/// ```
/// What cannot stand beside what came first is left out, and told.
package struct MergedGateways: Hashable, Sendable {
    /// A server on a port of the workload.
    package struct Server: Hashable, Sendable {
        /// The Gateway it is of.
        package var gateway: ConfigurationOrigin
        /// Where it stands in its Gateway.
        package var index: Int
        package var server: GatewayServer
        /// The name of its routes; empty if requests are not seen.
        package var routes: String

        /// As VirtualServices name it: `namespace/name`.
        package var gatewayName: String { "\(gateway.namespace)/\(gateway.name)" }
    }

    /// Who listens on one address and port.
    package struct Listener: Hashable, Sendable {
        /// The workload's own port.
        package var port: Int
        /// Empty for all addresses.
        package var bind: String
        /// The one that came first decides what can be beside it.
        package var servers: [Server]
    }

    /// A server that cannot be served.
    package struct Conflict: Hashable, Sendable {
        package var gateway: ObjectReference
        package var diagnostic: Diagnostic
    }

    /// By port, then by address.
    package private(set) var listeners: [Listener] = []
    package private(set) var conflicts: [Conflict] = []

    package init() {}

    /// - Parameters:
    ///   - gateways: In any order.
    ///   - instances: Ports of services that the workload serves, the older service first.
    ///   - untranslated: Services whose ports say nothing about those of Gateways.
    init(_ gateways: [Gateway], instances: [ServiceInstance], untranslated: Set<ServiceKey>) {
        var places: [Place: Listener] = [:]
        var names: [Int: [GatewayHost: Set<String>]] = [:]
        var routes: Set<String> = []
        for gateway in gateways.sorted(by: { $0.origin < $1.origin }) {
            for (index, server) in gateway.servers.enumerated() {
                for port in gateway.ports(of: server, instances: instances, untranslated: untranslated) {
                    let place = Place(port: port, bind: server.bind)
                    let added = Server(
                        gateway: gateway.origin, index: index, server: server,
                        routes: server.routesName(on: port, of: gateway.origin))
                    if let problem = conflict(added, with: places[place], names: names[port], routes: routes) {
                        conflicts.append(Conflict(added, problem))
                        continue
                    }
                    if server.isEncrypted {
                        for host in server.hosts { names[port, default: [:]][host, default: []].insert(server.bind) }
                    }
                    routes.insert(added.routes)
                    places[place, default: Listener(port: port, bind: server.bind, servers: [])].servers.append(added)
                }
            }
        }
        listeners = places.values.sorted { ($0.port, $0.bind) < ($1.port, $1.bind) }
    }

    private struct Place: Hashable {
        var port: Int
        var bind: String
    }
}

extension MergedGateways {
    /// Servers by the name of their routes, in the order in which they count.
    package var serversByRoutes: [String: [Server]] {
        Dictionary(grouping: listeners.flatMap(\.servers).filter { !$0.routes.isEmpty }, by: \.routes)
    }

    /// The names of Secrets that servers show, or check their clients by.
    package var credentialNames: Set<String> {
        Set(listeners.flatMap(\.servers).flatMap { $0.server.isEncrypted ? $0.server.tls?.credentialNames ?? [] : [] })
    }

    /// By the ports that are listened on, those that Gateways call them.
    package var writtenPorts: [Int: Set<Int>] {
        Dictionary(grouping: listeners, by: \.port).mapValues { Set($0.flatMap(\.servers).map(\.server.port)) }
    }

    /// Some server passes connections on by what their client's name for them says.
    package var passesThroughByName: Bool {
        listeners.contains { $0.servers.contains { $0.server.isEncrypted && $0.server.tls?.mode == .autoPassthrough } }
    }

    /// Why a server cannot be served; nil if it can.
    private func conflict(
        _ new: Server, with listener: Listener?, names: [GatewayHost: Set<String>]?, routes: Set<String>
    ) -> (path: String, message: String)? {
        let server = new.server
        if let first = listener?.servers.first {
            let owner = "Gateway \(first.gatewayName) has it"
            if server.isEncrypted != first.server.isEncrypted {
                return (
                    "port",
                    "port \(server.port) cannot be in plain text and TLS at once: \(owner) "
                        + (first.server.isEncrypted ? "for TLS" : "in plain text")
                )
            }
            if !server.isEncrypted, !(server.meshProtocol.isHTTP && first.server.meshProtocol.isHTTP) {
                return (
                    "port", "port \(server.port) cannot be shared, because nothing tells connections apart: \(owner)"
                )
            }
        }
        guard server.isEncrypted else { return nil }
        let taken = server.hosts.filter { names?[$0]?.contains(server.bind) ?? false }
        if !taken.isEmpty {
            let list = taken.map(\.description).joined(separator: ", ")
            return ("hosts", "\(list) on port \(server.port) is another server's already")
        }
        if server.seesRequests, routes.contains(new.routes) {
            return ("port.name", "is \"\(server.portName)\", as another HTTPS server's of the same port")
        }
        return nil
    }
}

extension MergedGateways.Conflict {
    fileprivate init(_ server: MergedGateways.Server, _ problem: (path: String, message: String)) {
        gateway = server.gateway.reference
        diagnostic = Diagnostic(
            .warning, path: "\(FieldPath.element(server.index, of: "spec.servers")).\(problem.path)",
            message: "\(problem.message); the server is left out")
    }
}

extension Gateway {
    /// The workload's ports that a server is on. A service in front of the workload may number them otherwise.
    fileprivate func ports(
        of server: GatewayServer, instances: [ServiceInstance], untranslated: Set<ServiceKey>
    ) -> [Int] {
        switch workloads {
        case .labels:
            let first = instances.first {
                $0.port.number == server.port && $0.port.meshProtocol != .udp && !untranslated.contains($0.service)
            }
            return [first?.targetPort ?? server.port]
        case .services(let hosts):
            // The port is one of these services', or there is none.
            return Set(
                instances.filter {
                    $0.port.number == server.port && hosts.contains($0.service.hostname)
                        && $0.service.namespace == origin.namespace
                }.map(\.targetPort)
            ).sorted()
        }
    }
}

extension GatewayServer {
    /// The name of its routes on a port of the workload.
    fileprivate func routesName(on port: Int, of gateway: ConfigurationOrigin) -> String {
        if meshProtocol.isHTTP { return bind.isEmpty ? "http.\(port)" : "http.\(port).\(bind)" }
        guard seesRequests else { return "" }
        return "https.\(self.port).\(portName).\(gateway.name).\(gateway.namespace)"
    }
}
