/// Ports at the edge of the mesh, and what gateway workloads take in there.
package struct Gateway: Hashable, Sendable {
    /// Which gateway workloads open the ports.
    package enum Workloads: Hashable, Sendable {
        /// Those with all of these labels; every gateway if there are none.
        case labels([String: String])
        /// Those that serve one of these hosts, of services in the Gateway's own namespace.
        case services(Set<String>)
    }

    package var origin: ConfigurationOrigin
    package var workloads: Workloads
    /// In the order they are written.
    package var servers: [GatewayServer]

    package init(origin: ConfigurationOrigin, workloads: Workloads, servers: [GatewayServer]) {
        self.origin = origin
        self.workloads = workloads
        self.servers = servers
    }
}

/// One port of a Gateway: a listener, or a part of one.
package struct GatewayServer: Hashable, Sendable {
    /// Of metrics; may be empty.
    package var name: String
    /// As written: the port of the gateway's Service, where it has one.
    package var port: Int
    package var portName: String
    package var meshProtocol: MeshProtocol
    /// The address that is listened on; empty for all.
    package var bind: String
    /// In the order they are written.
    package var hosts: [GatewayHost]
    /// Nil for plain text, and for HTTP that is not redirected.
    package var tls: ServerTLS?

    package init(
        name: String = "", port: Int, portName: String, meshProtocol: MeshProtocol, bind: String = "",
        hosts: [GatewayHost] = [GatewayHost("*")], tls: ServerTLS? = nil
    ) {
        self.name = name
        self.port = port
        self.portName = portName
        self.meshProtocol = meshProtocol
        self.bind = bind
        self.hosts = hosts
        self.tls = tls
    }

    /// Requests are seen: HTTP in plain text, or HTTPS that ends here.
    package var seesRequests: Bool { meshProtocol.isHTTP || meshProtocol == .https && endsTLS }

    /// Connections arrive encrypted, and are told apart by the name their client asks for.
    package var isEncrypted: Bool { tls != nil && !meshProtocol.isHTTP }

    /// Connections are decrypted.
    package var endsTLS: Bool { isEncrypted && tls?.mode.passesThrough == false }

    /// Requests in plain text are sent to `https`.
    package var redirectsToHTTPS: Bool { tls?.redirectsToHTTPS ?? false }
}
