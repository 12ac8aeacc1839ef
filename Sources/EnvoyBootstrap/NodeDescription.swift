package import KubernetesModel

/// What a proxy says of itself to the control plane.
package struct NodeDescription: Hashable, Sendable {
    /// `ROLE~ADDRESS~POD.NAMESPACE~DOMAIN`
    package var id: String
    /// The service it belongs to, in spans and metrics.
    package var cluster: String
    /// Where it runs; parts that are not known are empty.
    package var region: String
    package var zone: String
    package var subzone: String
    /// Under Istio's names.
    package var metadata: JSONValue

    /// As a bootstrap has it.
    package var json: JSONValue {
        var node: JSONValue = ["id": .string(id), "cluster": .string(cluster), "metadata": metadata]
        let locality = ["region": region, "zone": zone, "sub_zone": subzone].filter { !$0.value.isEmpty }
        node["locality"] = .object(locality.mapValues(JSONValue.string))
        return node
    }
}

/// All that a node's description is made from.
package struct NodeInput: Hashable, Sendable {
    package var role: ProxyRole
    /// Of the agent, with what ProxyConfig brings below it.
    package var environment: [String: String]
    package var settings: ProxySettings
    /// The Pod's.
    package var labels: [String: String]
    package var annotations: [String: String]
    /// The Pod's, the one that Kubernetes shows first.
    package var addresses: [String]
    package var podName: String
    package var namespace: String
    /// In which short names are completed, such as `default.svc.cluster.local`.
    package var domain: String
    /// The version that is told to control planes, and compared by their EnvoyFilters.
    package var version: String

    package init(
        role: ProxyRole, environment: [String: String] = [:], settings: ProxySettings = ProxySettings(),
        labels: [String: String] = [:], annotations: [String: String] = [:], addresses: [String],
        podName: String, namespace: String, domain: String? = nil, version: String = compatibleIstioVersion
    ) {
        self.role = role
        self.environment = environment
        self.settings = settings
        self.labels = labels
        self.annotations = annotations
        self.addresses = addresses
        self.podName = podName
        self.namespace = namespace
        self.domain = domain ?? "\(namespace).svc.cluster.local"
        self.version = version
    }
}

/// The release of Istio whose proxies ours behave as, towards control planes that ask for it.
package let compatibleIstioVersion = "1.30.0"

/// What the proxy says of itself.
package func nodeDescription(of input: NodeInput) -> NodeDescription {
    let metadata = nodeMetadata(of: input)
    let address = input.addresses.first ?? "127.0.0.1"
    let label = input.labels["istio-locality"] ?? input.labels["topology.istio.io/locality"]
    let separator: Character = label?.contains("/") == true ? "/" : "."
    let parts = (label ?? "").split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    return NodeDescription(
        id: "\(input.role.rawValue)~\(address)~\(input.podName).\(input.namespace)~\(input.domain)",
        cluster: serviceCluster(of: input, metadata), region: parts.first ?? "", zone: parts.count > 1 ? parts[1] : "",
        subzone: parts.count > 2 ? parts[2] : "", metadata: metadata)
}

/// The name of the service that a proxy belongs to.
///
/// ProxyConfig can name it, or say that it is the canonical one; otherwise it is the label `app`, or the workload, with
/// the namespace.
private func serviceCluster(of input: NodeInput, _ metadata: JSONValue) -> String {
    let canonical = input.labels["service.istio.io/canonical-name"] ?? metadata["WORKLOAD_NAME"]?.string
    switch input.settings.text("tracingServiceName") {
    case "CANONICAL_NAME_ONLY": if let canonical { return canonical }
    case "CANONICAL_NAME_AND_NAMESPACE": if let canonical { return "\(canonical).\(input.namespace)" }
    default: break
    }
    if let name = input.settings.text("serviceCluster"), name != "istio-proxy" { return name }
    let name = input.labels["app"] ?? metadata["WORKLOAD_NAME"]?.string ?? "istio-proxy"
    return "\(name).\(input.namespace)"
}
