import KubernetesModel

/// The metadata of a node, under the names that Istio's control planes read.
///
/// ```
///  what the Pod is ◄ ISTIO_META_* of ProxyConfig ◄ ISTIO_META_* of the environment ◄ fields of ISTIO_METAJSON_*
/// ```
/// A later one wins, so that anything can be said otherwise.
func nodeMetadata(of input: NodeInput) -> JSONValue {
    var metadata = podMetadata(of: input)
    let environment = input.settings.environment.merging(input.environment) { _, own in own }
    for (name, value) in environment where name.hasPrefix(metadataPrefix) {
        metadata[String(name.dropFirst(metadataPrefix.count))] = .string(value)
    }
    for (name, value) in environment.sorted(by: { $0.key < $1.key }) where name.hasPrefix(jsonPrefix) {
        guard let json = try? JSONValue(parsing: value) else { continue }
        if json.object != nil {
            metadata = metadata.merging(json)
        } else {
            metadata[String(name.dropFirst(jsonPrefix.count))] = json
        }
    }
    return metadata
}

private let metadataPrefix = "ISTIO_META_"
private let jsonPrefix = "ISTIO_METAJSON_"

private func podMetadata(of input: NodeInput) -> JSONValue {
    let environment = input.environment
    var metadata: JSONValue = [
        "NAME": .string(input.podName), "NAMESPACE": .string(input.namespace), "CLUSTER_ID": "Kubernetes",
        "INSTANCE_IPS": .string(input.addresses.joined(separator: ",")), "LABELS": JSONValue(input.labels),
        "ANNOTATIONS": JSONValue(input.annotations.filter { $0.key != lastApplied }),
        "PROXY_CONFIG": input.settings.fields, "ISTIO_VERSION": .string(input.version),
        "APUS_VERSION": .string(apusVersion),
        "ENVOY_PROMETHEUS_PORT": .integer(Int64(StandardPort.metrics.number(in: environment))),
        "ENVOY_STATUS_PORT": .integer(Int64(StandardPort.health.number(in: environment))),
        "PILOT_SAN": [.string(hostName(of: input.settings.discoveryAddress))],
    ]
    if input.role == .sidecar { metadata["INTERCEPTION_MODE"] = .string(input.settings.interceptionMode) }
    let variables = [
        "SERVICE_ACCOUNT": "SERVICE_ACCOUNT", "NODE_NAME": "NODE_NAME", "PROV_CERT": "PROV_CERT",
        "EXIT_ON_ZERO_ACTIVE_CONNECTIONS": "EXIT_ON_ZERO_ACTIVE_CONNECTIONS",
    ]
    for (field, variable) in variables {
        if let value = environment[variable], !value.isEmpty { metadata[field] = .string(value) }
    }
    if let mesh = input.settings.meshID ?? environment["TRUST_DOMAIN"], !mesh.isEmpty {
        metadata["MESH_ID"] = .string(mesh)
    }
    if let network = input.labels["topology.istio.io/network"] { metadata["NETWORK"] = .string(network) }
    if let cluster = input.labels["topology.istio.io/cluster"] { metadata["CLUSTER_ID"] = .string(cluster) }
    return metadata
}

/// What kubectl writes there for itself, often larger than all the rest.
private let lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

/// The host of `host:port`.
package func hostName(of address: String) -> String {
    guard let colon = address.lastIndex(of: ":") else { return address }
    let host = address[..<colon]
    return host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : String(host)
}

/// The port of `host:port`.
package func portNumber(of address: String) -> Int? {
    address.lastIndex(of: ":").flatMap { Int(address[address.index(after: $0)...]) }
}
