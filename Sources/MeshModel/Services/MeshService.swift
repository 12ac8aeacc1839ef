package import KubernetesModel

/// Something that can be called by a host name, and how its name becomes addresses.
package struct MeshService: Hashable, Sendable {
    /// How a proxy finds out where to connect to.
    package enum Resolution: Hashable, Sendable {
        /// A virtual IP stands for the endpoints, or nothing at all; the proxy chooses among them.
        case endpoints
        /// No virtual IP: clients look up and call the endpoints' own addresses.
        case headless
        /// Another name for a host, which is looked up in DNS unless it is itself a service of the mesh.
        case externalName(String)
        /// The endpoints are host names: the proxy looks all their addresses up and chooses among them.
        case dns
        /// The same, but each new connection takes the first address that is found.
        case dnsRoundRobin
        /// The host of each request is looked up, for patterns of hosts.
        case dynamicDNS
        /// The connection itself says where it goes.
        case none
    }

    /// Its first label, such as `reviews`.
    package var name: String
    package var namespace: String
    /// In lower case, such as `reviews.default.svc.cluster.local`.
    package var hostname: String
    /// Services that are only other names for this one, sorted.
    package var aliases: [ServiceKey]
    /// Virtual IPs, IPv4 and IPv6, the primary one first. Empty without any.
    package var addresses: [String]
    /// Virtual IPs by cluster, where a mesh of several has it in other clusters too.
    package var clusterAddresses: [String: [String]]
    /// Ranges of virtual IPs, besides `addresses`.
    package var addressRanges: [AddressRange]
    /// Virtual IPs that it was given because it has none of its own, IPv4 and IPv6. They count for proxies that answer
    /// DNS queries themselves.
    package var allocatedAddresses: [String]
    /// Addresses by which it is reached from outside its network: IPs or host names of load balancers, external IPs.
    package var externalAddresses: [String]
    package var resolution: Resolution
    /// It is outside of the mesh: there is no mutual TLS on the way to it.
    package var isExternal: Bool
    /// In the order they are written.
    package var ports: [ServicePort]
    package var visibility: Visibility
    package var labels: [String: String]
    /// The labels of the workloads that serve it. Empty: its endpoints are not chosen by labels.
    package var selector: [String: String]
    /// RFC 3339; the older of two that conflict wins. Empty if not known.
    package var created: String
    package var sessionAffinity: SessionAffinity?
    /// Only endpoints on the caller's own node are called.
    package var isNodeLocal: Bool
    package var trafficDistribution: TrafficDistribution
    /// Endpoints serve even while they are not ready.
    package var publishesNotReadyAddresses: Bool
    /// Identities that may serve it, besides those of its endpoints: SPIFFE URIs or DNS names.
    package var subjectAltNames: [String]
    /// The object that defines it.
    package var origin: ObjectReference

    package init(
        name: String, namespace: String, hostname: String, addresses: [String] = [],
        resolution: Resolution = .endpoints, ports: [ServicePort] = [], origin: ObjectReference? = nil
    ) {
        self.name = name
        self.namespace = namespace
        self.hostname = hostname
        aliases = []
        self.addresses = addresses
        clusterAddresses = [:]
        addressRanges = []
        allocatedAddresses = []
        externalAddresses = []
        self.resolution = resolution
        isExternal = false
        self.ports = ports
        visibility = .everywhere
        labels = [:]
        selector = [:]
        created = ""
        sessionAffinity = nil
        isNodeLocal = false
        trafficDistribution = .any
        publishesNotReadyAddresses = false
        subjectAltNames = []
        self.origin =
            origin
            ?? ObjectReference(
                GroupKind(group: "", kind: "Service"), ObjectKey(namespace: namespace, name: name))
    }

    package var key: ServiceKey { ServiceKey(hostname: hostname, namespace: namespace) }
    package var isHeadless: Bool { resolution == .headless }
    /// Whether it stands for all hosts of a pattern such as `*.example.com`.
    package var isWildcard: Bool { hostname.hasPrefix("*") }
    /// Whether Kubernetes knows it, which makes its host name nobody else's.
    package var isOfKubernetes: Bool { origin.groupKind == GroupKind(group: "", kind: "Service") }
    /// Whether the proxy looks its endpoints up by name.
    package var usesDNS: Bool { resolution == .dns || resolution == .dnsRoundRobin || resolution == .dynamicDNS }
    /// Whether it is only another name for a host.
    package var isExternalName: Bool { if case .externalName = resolution { true } else { false } }

    /// The port of this number; the first of several with different transports.
    package func port(number: Int) -> ServicePort? { ports.first { $0.number == number } }

    /// The port of this name.
    package func port(named name: String) -> ServicePort? { ports.first { $0.name == name } }

    /// The older of two services first, ties by name and then by namespace: the order in which conflicts are decided.
    package static func isOlder(_ left: MeshService, _ right: MeshService) -> Bool {
        // Without a time an object counts as the newest.
        if left.created != right.created {
            return (left.created.isEmpty ? "~" : left.created) < (right.created.isEmpty ? "~" : right.created)
        }
        if left.name != right.name { return left.name < right.name }
        return (left.namespace, left.hostname) < (right.namespace, right.hostname)
    }
}
