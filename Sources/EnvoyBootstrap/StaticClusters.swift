import KubernetesModel

/// Where Envoy finds the agent and itself.
func staticClusters(of input: BootstrapInput) -> [JSONValue] {
    let sockets: [(cluster: String, path: String?)] = [
        ("sds-grpc", input.secretSocket), ("xds-grpc", input.discoverySocket), ("als-grpc", input.connectionLogSocket),
        ("sds-external", input.credentialSocket), ("sds-files-grpc", input.fileSecretSocket),
    ]
    return [
        staticCluster("prometheus_stats", socket(input.families.loopback, input.settings.adminPort)),
        staticCluster("agent", socket(input.families.loopback, input.settings.statusPort)),
    ] + sockets.compactMap { socket in socket.path.map { localService(socket.cluster, $0) } }
}

/// A cluster of one endpoint.
func staticCluster(_ name: String, type: String = "STATIC", _ address: JSONValue) -> JSONValue {
    [
        "name": .string(name), "alt_stat_name": .string("\(name);"), "type": .string(type), "connect_timeout": "1s",
        "lb_policy": "ROUND_ROBIN",
        "load_assignment": [
            "cluster_name": .string(name), "endpoints": [["lb_endpoints": [["endpoint": ["address": address]]]]],
        ],
    ]
}

/// Makes the calls to a cluster HTTP/2.
let http2Options: JSONValue = [
    "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": [
        "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
        "explicit_http_config": ["http2_protocol_options": [:]],
    ]
]

/// A gRPC service of the agent, or of another program beside Envoy, on a socket.
///
/// What waits for it waits in streams that are opened once: no circuit breaker may refuse one.
private func localService(_ name: String, _ path: String) -> JSONValue {
    let unlimited: JSONValue = [
        "max_connections": 100_000, "max_pending_requests": 100_000, "max_requests": 100_000, "max_retries": 100_000,
    ]
    var high = unlimited
    var normal = unlimited
    normal["priority"] = "DEFAULT"
    high["priority"] = "HIGH"
    var cluster = staticCluster(name, ["pipe": ["path": .string(path)]])
    cluster["typed_extension_protocol_options"] = http2Options
    cluster["circuit_breakers"] = ["thresholds": [normal, high]]
    return cluster
}
