/// The part of a view that decides which services, listeners and routes a proxy has for calls to others. Equal for all
/// workloads of a namespace that no Sidecar treats apart.
package struct OutboundScope: Hashable, Sendable {
    /// Which services are in reach.
    package enum Egress: Hashable, Sendable {
        /// All that are visible.
        case all
        /// Those that any of these imports; sorted.
        case hosts([HostImport])
    }

    package var namespace: String
    /// The domain in which short names are completed.
    package var dnsDomain: String
    package var egress: Egress
    /// Listeners that are asked for one by one, in their order, each with hosts of its own. Empty: one for each port of the
    /// services in reach.
    package var listeners: [EgressListener]
    /// What becomes of calls to other hosts; nil: as the mesh says.
    package var outboundPolicy: OutboundTrafficPolicy?
    /// Services without virtual IPs are called by allocated ones: the proxy's agent answers DNS queries with them.
    package var usesAllocatedAddresses: Bool
    /// Whose virtual IPs count; empty in a mesh of one cluster.
    package var clusterID = ""

    package init(
        namespace: String, dnsDomain: String, egress: Egress = .all, listeners: [EgressListener] = [],
        outboundPolicy: OutboundTrafficPolicy? = nil, usesAllocatedAddresses: Bool = false
    ) {
        self.namespace = namespace
        self.dnsDomain = dnsDomain
        self.egress = egress
        self.listeners = listeners
        self.outboundPolicy = outboundPolicy
        self.usesAllocatedAddresses = usesAllocatedAddresses
    }

    /// What is in reach, ready to be asked many times.
    package var hosts: HostImports { HostImports(egress) }

    /// The scope of one listener alone.
    package func scope(of listener: EgressListener) -> OutboundScope {
        var scope = self
        scope.egress = .hosts(listener.hosts)
        scope.listeners = []
        return scope
    }
}

/// A listener that a Sidecar asks for: which hosts are called through it.
package struct EgressListener: Hashable, Sendable {
    package struct Port: Hashable, Sendable {
        /// 0 for a Unix socket.
        package var number: Int
        package var name: String
        package var meshProtocol: MeshProtocol

        package init(number: Int, name: String = "", meshProtocol: MeshProtocol) {
            self.number = number
            self.name = name
            self.meshProtocol = meshProtocol
        }
    }

    /// Nil: one listener for each port of the services, but for ports that an earlier listener has.
    package var port: Port?
    /// An address, `unix://` and a path, or empty: as the services have it.
    package var bind: String
    /// Nothing is captured: it listens on a port of its own.
    package var bindsToPort: Bool
    /// Sorted.
    package var hosts: [HostImport]

    package init(port: Port? = nil, bind: String = "", bindsToPort: Bool = false, hosts: [HostImport]) {
        self.port = port
        self.bind = bind
        self.bindsToPort = bindsToPort
        self.hosts = hosts
    }

    /// Whether it is what there is without it, but for its hosts.
    package var isPlain: Bool { port == nil && bind.isEmpty && !bindsToPort }
}

/// What becomes of calls to hosts that are not in reach.
package struct OutboundTrafficPolicy: Hashable, Sendable {
    /// A port of a service that takes all such calls.
    package struct EgressProxy: Hashable, Sendable {
        package var host: String
        package var port: Int
        package var subset: String

        package init(host: String, port: Int, subset: String = "") {
            self.host = host
            self.port = port
            self.subset = subset
        }
    }

    package var mode: MeshSettings.OutboundPolicy
    package var egressProxy: EgressProxy?

    package init(_ mode: MeshSettings.OutboundPolicy, egressProxy: EgressProxy? = nil) {
        self.mode = mode
        self.egressProxy = egressProxy
    }
}
