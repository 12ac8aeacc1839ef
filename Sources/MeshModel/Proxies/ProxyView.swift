import KubernetesModel

/// What one class of proxies can see: all that decides what they are sent, besides the mesh itself.
///
/// Proxies with equal views get equal clusters, listeners and routes, whatever their names and addresses. Only which
/// endpoints are nearest depends on more, see `EndpointPreference`.
package struct ProxyView: Hashable, Sendable {
    package var kind: Proxy.Kind
    package var outbound: OutboundScope
    /// What its workload serves; the older service first.
    package var inbound: [ServiceInstance]
    /// Of its workload: they choose policies and configuration.
    package var labels: [String: String]
    package var identity: WorkloadIdentity
    package var clusterID: String
    package var network: String
    package var interceptionMode: InterceptionMode
    package var addressFamilies: AddressFamilies
    package var capabilities: ProxyCapabilities
    package var canonicalName: String
    package var canonicalRevision: String
    package var workloadName: String
    /// Switches among the proxy's metadata that change what it is sent, such as `DNS_CAPTURE`, with their values.
    package var switches: [String: String]

    package init(_ proxy: Proxy, inbound: [ServiceInstance]) {
        kind = proxy.kind
        outbound = OutboundScope(namespace: proxy.namespace, dnsDomain: proxy.dnsDomain)
        self.inbound = inbound
        labels = proxy.labels.filter { !Self.labelsOfOnePod.contains($0.key) }
        identity = proxy.identity
        clusterID = proxy.clusterID
        network = proxy.network
        interceptionMode = proxy.interceptionMode
        addressFamilies = proxy.addressFamilies
        capabilities = proxy.capabilities
        canonicalName = proxy.canonicalName
        canonicalRevision = proxy.canonicalRevision
        workloadName = proxy.workloadName
        switches = Dictionary(
            uniqueKeysWithValues: Self.switchNames.compactMap { name in
                proxy.metadata[name]?.string.map { (name, $0) }
                    ?? proxy.metadata[name]?.bool.map { (name, $0 ? "true" : "false") }
            })
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

/// The part of a view that decides which services, listeners and routes a proxy has for calls to others. Equal for all
/// workloads of a namespace that no Sidecar treats apart.
package struct OutboundScope: Hashable, Sendable {
    /// Which services are in reach.
    package enum Egress: Hashable, Sendable {
        /// All that are visible.
        case all
        /// Those that match any of these, each `namespace/host` with `*` and `.` as in a Sidecar's `egress.hosts`.
        case hosts([String])
    }

    package var namespace: String
    /// The domain in which short names are completed.
    package var dnsDomain: String
    package var egress: Egress

    package init(namespace: String, dnsDomain: String, egress: Egress = .all) {
        self.namespace = namespace
        self.dnsDomain = dnsDomain
        self.egress = egress
    }
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

    package init(_ proxy: Proxy) {
        locality = proxy.locality
        network = proxy.network
        clusterID = proxy.clusterID
        node = proxy.node
        addressFamilies = proxy.addressFamilies
    }
}
