import KubernetesModel

/// What one class of proxies can see: all that decides what they are sent, besides the mesh itself.
///
/// Proxies with equal views get equal clusters, listeners and routes, whatever their names and addresses. Only which
/// endpoints are nearest depends on more, see `EndpointPreference`.
package struct ProxyView: Hashable, Sendable {
    package var kind: Proxy.Kind
    /// Of a workload whose gRPC library asks for itself, without a proxy: the addresses that it may serve at. Nil: a proxy
    /// asks.
    package var proxylessAddresses: [String]?
    package var outbound: OutboundScope
    /// What its workload serves; the older service first.
    package var inbound: [ServiceInstance]
    /// The ports that a Sidecar says are taken in, instead of those of services; each is bound to an address.
    package var ingress: [IngressListener] = []
    /// Limits of what comes in, on ports that have none of their own; nil: none.
    package var inboundConnectionPool: ConnectionPool?
    /// What stands in front of a gateway, as it was started with; nil: as the mesh says.
    package var gatewayTopology: GatewayTopology?
    /// Of its workload: they choose policies and configuration.
    package var labels: [String: String]
    package var identity: WorkloadIdentity
    package var clusterID: String
    package var network: String
    package var interceptionMode: InterceptionMode
    package var addressFamilies: AddressFamilies
    package var capabilities: ProxyCapabilities
    package var secretSockets: SecretSockets
    package var canonicalName: String
    package var canonicalRevision: String
    package var workloadName: String
    /// Switches among the proxy's metadata that change what it is sent, such as `DNS_CAPTURE`, with their values.
    package var switches: [String: String]
    /// Node metadata that EnvoyFilters look at.
    package var patchedMetadata: [String: String] = [:]

    package init(_ proxy: Proxy, inbound: [ServiceInstance]) {
        kind = proxy.kind
        if proxy.isProxyless { proxylessAddresses = Self.served(proxy.addresses) }
        if proxy.kind == .router, let topology = proxy.metadata["PROXY_CONFIG", "gatewayTopology"] {
            gatewayTopology = GatewayTopology(topology)
        }
        outbound = OutboundScope(namespace: proxy.namespace, dnsDomain: proxy.dnsDomain)
        self.inbound = inbound
        labels = proxy.labels.filter { !Self.labelsOfOnePod.contains($0.key) }
        identity = proxy.identity
        clusterID = proxy.clusterID
        network = proxy.network
        interceptionMode = proxy.interceptionMode
        addressFamilies = proxy.addressFamilies
        capabilities = proxy.capabilities
        secretSockets = SecretSockets(proxy.metadata)
        canonicalName = proxy.canonicalName
        canonicalRevision = proxy.canonicalRevision
        workloadName = proxy.workloadName
        switches = Dictionary(
            uniqueKeysWithValues: Self.switchNames.compactMap { name in
                proxy.metadata[name]?.string.map { (name, $0) }
                    ?? proxy.metadata[name]?.bool.map { (name, $0 ? "true" : "false") }
            })
    }

    /// A gRPC library asks for itself, and takes less than a proxy does.
    package var isProxyless: Bool { proxylessAddresses != nil }

    /// What counts of the addresses that an application says it has: each of them has listeners of its own.
    private static func served(_ addresses: [String]) -> [String] {
        var served: [String] = []
        for address in addresses where served.count < 16 && IPAddress(address) != nil && !served.contains(address) {
            served.append(address)
        }
        return served
    }

    /// Labels that every Pod of a workload has with a value of its own.
    private static let labelsOfOnePod: Set<String> = [
        "statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index", "controller-uid",
        "batch.kubernetes.io/controller-uid",
    ]

    private static let switchNames = [
        "DNS_CAPTURE", "DNS_AUTO_ALLOCATE", "HTTP10", "UNPRIVILEGED_POD", "ENABLE_HBONE", "IDLE_TIMEOUT", "RAW_VM",
        "HTTP_PROXY_PORT", "ISTIO_VERSION", "MESH_ID",
    ]
}

/// A port of a service that a proxy's own workload serves.
package struct ServiceInstance: Hashable, Sendable {
    package var service: ServiceKey
    /// The service's first label, such as `reviews`.
    package var serviceName: String
    package var port: ServicePort
    /// Where the workload listens for it.
    package var targetPort: Int

    package init(service: ServiceKey, serviceName: String, port: ServicePort, targetPort: Int) {
        self.service = service
        self.serviceName = serviceName
        self.port = port
        self.targetPort = targetPort
    }
}

/// What of a proxy decides the order in which it prefers endpoints.
package struct EndpointPreference: Hashable, Sendable {
    package var locality: Locality
    package var network: String
    package var clusterID: String
    package var node: String
    package var addressFamilies: AddressFamilies
    /// Of the workload, those alone that endpoints should share with it.
    package var labels: [String: String]

    /// - Parameter labelKeys: Labels that endpoints should share with their caller.
    package init(_ proxy: Proxy, labelKeys: Set<String> = []) {
        locality = proxy.locality
        network = proxy.network
        clusterID = proxy.clusterID
        node = proxy.node
        addressFamilies = proxy.addressFamilies
        labels = labelKeys.isEmpty ? [:] : proxy.labels.filter { labelKeys.contains($0.key) }
    }
}
