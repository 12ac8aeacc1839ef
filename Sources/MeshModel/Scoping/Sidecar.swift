/// What the sidecars of a namespace, or of some of its workloads, reach and take in.
package struct Sidecar: Hashable, Sendable {
    /// As `EgressListener`, with hosts as they are written: `.` means another namespace for every workload.
    package struct Egress: Hashable, Sendable {
        package var port: EgressListener.Port?
        package var bind: String
        package var bindsToPort: Bool
        package var hosts: [String]

        package init(
            port: EgressListener.Port? = nil, bind: String = "", bindsToPort: Bool = false, hosts: [String]
        ) {
            self.port = port
            self.bind = bind
            self.bindsToPort = bindsToPort
            self.hosts = hosts
        }
    }

    package var origin: ConfigurationOrigin
    /// The workloads it is for; empty for all of its namespace that no other Sidecar selects.
    package var workloadSelector: [String: String]
    /// Empty: all that is visible is in reach.
    package var egress: [Egress]
    /// Empty: the ports of the workload's services.
    package var ingress: [IngressListener]
    package var outboundPolicy: OutboundTrafficPolicy?
    /// Of what comes in, on ports that say nothing else.
    package var inboundConnectionPool: ConnectionPool?

    package init(
        origin: ConfigurationOrigin, workloadSelector: [String: String] = [:], egress: [Egress] = [],
        ingress: [IngressListener] = [], outboundPolicy: OutboundTrafficPolicy? = nil
    ) {
        self.origin = origin
        self.workloadSelector = workloadSelector
        self.egress = egress
        self.ingress = ingress
        self.outboundPolicy = outboundPolicy
        inboundConnectionPool = nil
    }

    package func selects(_ labels: [String: String]) -> Bool {
        workloadSelector.allSatisfy { labels[$0.key] == $0.value }
    }
}

/// A port on which a sidecar takes calls to its workload, because a Sidecar says so.
package struct IngressListener: Hashable, Sendable {
    /// Where the workload is called.
    package enum Target: Hashable, Sendable {
        /// The address and port that the client called.
        case original
        /// The address that the client called, on this port.
        case instance(port: Int)
        case localhost(port: Int)
        /// `unix://` and a path.
        case socket(String)
    }

    package var number: Int
    package var name: String
    package var meshProtocol: MeshProtocol
    /// The address it is known by; empty: that of the proxy.
    package var bind: String
    /// Nothing is captured: it listens on a port of its own.
    package var bindsToPort: Bool
    package var target: Target
    /// Nil unless connections from outside of the mesh are ended here.
    package var tls: ServerTLS?
    /// Nil: as for all ports of the workload.
    package var connectionPool: ConnectionPool?

    package init(
        number: Int, name: String = "", meshProtocol: MeshProtocol, bind: String = "", bindsToPort: Bool = false,
        target: Target = .original
    ) {
        self.number = number
        self.name = name
        self.meshProtocol = meshProtocol
        self.bind = bind
        self.bindsToPort = bindsToPort
        self.target = target
        tls = nil
        connectionPool = nil
    }
}
