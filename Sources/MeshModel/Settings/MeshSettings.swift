package import KubernetesModel

/// What holds for the whole mesh: the part of MeshConfig that translation reads, and what a control plane knows of the
/// cluster it runs in. The defaults are those of a mesh about which nothing is said.
package struct MeshSettings: Hashable, Sendable {
    /// What happens to calls of hosts that the mesh does not know.
    package enum OutboundPolicy: Hashable, Sendable {
        /// They go where they were sent.
        case allowAny
        /// Requests go to the host that they name, looked up anew; all else where it was sent.
        case allowAnyDynamicDNS
        case registryOnly
    }

    /// Which address of their own workload sidecars call.
    package enum InboundPolicy: Hashable, Sendable {
        /// The one that was called.
        case passthrough
        case localhost
    }

    package var trustDomain = "cluster.local"
    /// Other names of the trust domain.
    package var trustDomainAliases: [String] = []
    /// Further roots that workloads trust, each as PEM.
    package var trustedRoots: [String] = []
    /// The namespace whose configuration holds for all.
    package var rootNamespace = "istio-system"
    /// The suffix of services' host names.
    package var clusterDomain = "cluster.local"
    /// Hosts without a dot in configured objects are completed by their namespace alone, without `svc` and the domain: so
    /// are objects that were not read from a cluster, to the conformance tests.
    package var completesHostsByNamespaceAlone = false
    /// The cluster that this control plane runs in.
    package var clusterID = "Kubernetes"
    /// The network of workloads that name none.
    package var network = ""
    package var networks = NetworkSettings()
    /// Gateways of networks may be known by host names, which are looked up.
    package var looksUpGateways = true

    package var outboundPolicy = OutboundPolicy.allowAny
    package var inboundPolicy = InboundPolicy.passthrough
    /// How long proxies wait for a connection.
    package var connectTimeout = Duration.seconds(10)
    /// How long proxies wait for the first bytes of a connection whose protocol is not said; zero waits on.
    package var protocolDetectionTimeout = Duration.zero
    package var dnsRefreshRate = Duration.seconds(60)
    package var tcpKeepalive: TCPKeepalive?
    /// HTTP/1.1 becomes HTTP/2 between proxies.
    package var upgradesToHTTP2 = false
    /// How HTTP requests are retried where no route says so; nil for the built-in way.
    package var defaultRetries: RetryRule?
    package var pathNormalization = PathNormalization.base
    /// Proxies look into what is spoken with these.
    package var stores: Set<StoreProtocol> = [.mongo]
    /// Gateways take HTTP/3 where their service has the port for it.
    package var offersHTTP3 = false

    /// Virtual IPs of hosts that have none are recorded in the status of their ServiceEntry, once and for all proxies that
    /// answer DNS queries; otherwise they follow from the names, for proxies that ask for them.
    package var recordsAllocatedAddresses = true
    /// TLS settings of a Sidecar's ingress listeners count.
    package var endsTLSOfSidecarIngress = false

    /// Where sidecars take calls of their workload.
    package var outboundPort = 15001
    /// Where sidecars take calls to their workload.
    package var inboundPort = 15006
    /// Where sidecars are an HTTP proxy; 0 for nowhere.
    package var httpProxyPort = 0

    /// Clients use mutual TLS wherever the server can.
    package var usesAutoMutualTLS = true
    /// TLS between workloads.
    package var meshTLS = TLSVersions()
    /// All other TLS.
    package var defaultTLS = TLSVersions()

    package var accessLog = AccessLogSettings()
    package var isTracingEnabled = false
    /// Services that policies and telemetry refer to by name, as MeshConfig writes them.
    package var extensionProviders: [String: JSONValue] = [:]
    /// Those among them that decide about requests.
    package var authorizationProviders: [String: AuthorizationProvider] = [:]
    /// Several of them may decide about one workload's requests.
    package var allowsSeveralAuthorizers = false
    package var defaultProviders = DefaultProviders()
    /// Patterns of statistics' names; empty for Envoy's own.
    package var inboundClusterStatName = ""
    package var outboundClusterStatName = ""

    package var ingress = IngressSettings()
    /// Gateways open ports of workloads of their own namespace alone.
    package var scopesGateways = false
    package var localityLoadBalancing = LocalityLoadBalancing()
    /// Labels of services can ask that requests of a client go to the same endpoint.
    package var keepsSessions = false
    /// All sidecars and gateways serve HTTP/1.0 too, not just those that ask for it.
    package var acceptsHTTP10 = false
    /// Namespaces that are looked at: those that any of them selects; all if there are none.
    package var discoverySelectors: [LabelSelector] = []
    package var defaultServiceVisibility: [String] = ["*"]
    package var defaultVirtualServiceVisibility: [String] = ["*"]
    package var defaultDestinationRuleVisibility: [String] = ["*"]
    /// Hosts, or patterns with a leading `*.`, and whether calls of them stay within the caller's cluster.
    package var clusterLocalHosts: [String: Bool] = [:]

    package var proxyDefaults = ProxyDefaults()

    package init() {}
}
