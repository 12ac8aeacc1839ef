package import KubernetesModel

/// One proxy that is served.
package struct Proxy: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        case sidecar
        /// A gateway.
        case router
        case waypoint
        case ztunnel
    }

    /// The node id, unique among all that are connected but for a proxy's restarts.
    package var id: String
    package var kind: Kind
    /// Of its Pod.
    package var name: String
    /// Whose view of the mesh it has: visibility, configuration and short names.
    package var namespace: String
    /// Where its Pod is; the same, unless it is told to look at the mesh as another namespace does.
    package var workloadNamespace: String
    /// Its workload's, the primary one first.
    package var addresses: [String]
    /// Of its workload.
    package var labels: [String: String]
    package var serviceAccount: String
    package var clusterID: String
    package var network: String
    package var locality: Locality
    /// The domain in which it completes short names, such as `default.svc.cluster.local`.
    package var dnsDomain: String
    package var interceptionMode: InterceptionMode
    /// What it is an instance of, such as the name of its Deployment.
    package var workloadName: String
    package var node: String
    /// All that its agent said, under Istio's names such as `DNS_CAPTURE`.
    package var metadata: JSONValue
    package var capabilities: ProxyCapabilities

    package init(kind: Kind, name: String, namespace: String, addresses: [String], labels: [String: String] = [:]) {
        let dnsDomain = "\(namespace).svc.cluster.local"
        id = "\(kind.rawValue)~\(addresses.first ?? "")~\(name).\(namespace)~\(dnsDomain)"
        self.kind = kind
        self.name = name
        self.namespace = namespace
        workloadNamespace = namespace
        self.addresses = addresses
        self.labels = labels
        serviceAccount = "default"
        clusterID = "Kubernetes"
        network = ""
        locality = .unknown
        self.dnsDomain = dnsDomain
        interceptionMode = .redirect
        workloadName = name
        node = ""
        metadata = .object([:])
        capabilities = ProxyCapabilities()
    }

    package var addressFamilies: AddressFamilies { AddressFamilies(of: addresses) }
    package var isDualStack: Bool { addressFamilies == .dual }
    package var identity: WorkloadIdentity {
        WorkloadIdentity(namespace: workloadNamespace, serviceAccount: serviceAccount)
    }
    package var canonicalName: String { CanonicalService.name(labels: labels, workloadName: workloadName) }
    package var canonicalRevision: String { CanonicalService.revision(labels: labels) }
    /// It is no proxy at all: the gRPC library of an application asks for itself, as its bootstrap says.
    package var isProxyless: Bool { kind == .sidecar && metadata["GENERATOR"]?.string == "grpc" }
    /// The version of its agent; empty if it does not tell.
    package var istioVersion: String { metadata["ISTIO_VERSION"]?.string ?? "" }
    /// Whether an agent's switch such as `DNS_CAPTURE` or `HTTP10` is on.
    package func isOn(_ name: String) -> Bool {
        switch metadata[name] {
        case .bool(let value): value
        case .string(let text): text == "1" || text.lowercased() == "true"
        default: false
        }
    }
}
