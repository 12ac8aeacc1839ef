import KubernetesModel

/// Services outside of the Pod that Envoy calls before the control plane has said anything.
func remoteClusters(of input: BootstrapInput) -> [JSONValue] {
    var clusters: [JSONValue] = []
    if let (name, address) = tracerAddress(of: input.settings) {
        let security = input.settings.fields["tracing"]?["tlsSettings"]
        clusters.append(remoteCluster(name, address, security, input.compliance))
    }
    for (field, name) in [("envoyMetricsService", metricsCluster), ("envoyAccessLogService", accessLogCluster)] {
        guard let service = input.settings.fields[field], let address = service["address"]?.string, !address.isEmpty
        else { continue }
        var cluster = remoteCluster(name, address, service["tlsSettings"], input.compliance)
        cluster["typed_extension_protocol_options"] = http2Options
        if let keepalive = service["tcpKeepalive"].flatMap(keepalive(_:)) {
            cluster["upstream_connection_options"] = ["tcp_keepalive": keepalive]
        }
        clusters.append(cluster)
    }
    return clusters
}

/// Where Envoy sends its statistics to, besides being asked for them.
func statisticsSinks(of input: BootstrapInput) -> [JSONValue] {
    var sinks: [JSONValue] = []
    if let address = input.settings.fields["envoyMetricsService"]?["address"]?.string, !address.isEmpty {
        sinks.append([
            "name": "envoy.stat_sinks.metrics_service",
            "typed_config": [
                "@type": "type.googleapis.com/envoy.config.metrics.v3.MetricsServiceConfig",
                "transport_api_version": "V3",
                "grpc_service": ["envoy_grpc": ["cluster_name": .string(metricsCluster)]],
            ],
        ])
    }
    if let address = input.settings.text("statsdUdpAddress"), let port = portNumber(of: address) {
        sinks.append([
            "name": "envoy.stat_sinks.statsd",
            "typed_config": [
                "@type": "type.googleapis.com/envoy.config.metrics.v3.StatsdSink",
                "address": [
                    "socket_address": [
                        "protocol": "UDP", "address": .string(hostName(of: address)),
                        "port_value": .integer(Int64(port)),
                    ]
                ],
            ],
        ])
    }
    return sinks
}

private let metricsCluster = "envoy_metrics_service"
private let accessLogCluster = "envoy_accesslog_service"

private func remoteCluster(
    _ name: String, _ address: String, _ security: JSONValue?, _ policy: CompliancePolicy?
) -> JSONValue {
    let host = hostName(of: address)
    let isAddress = host.contains(":") || host.allSatisfy { $0.isNumber || $0 == "." }
    var cluster = staticCluster(
        name, type: isAddress ? "STATIC" : "STRICT_DNS", socket(host, portNumber(of: address) ?? 80))
    if let socket = transportSocket(security, policy) { cluster["transport_socket"] = socket }
    return cluster
}

/// TLS as `tlsSettings` asks for it, held to a policy; nil: no TLS.
func transportSocket(_ security: JSONValue?, _ policy: CompliancePolicy?) -> JSONValue? {
    guard var socket = security.flatMap(transportSocket(_:)) else { return .none }
    let written = socket["typed_config"]?["common_tls_context"]?["tls_params"]
    socket["typed_config", "common_tls_context", "tls_params"] = parameters(of: policy, or: written)
    return socket
}

/// TLS as `tlsSettings` asks for it.
private func transportSocket(_ security: JSONValue) -> JSONValue? {
    var context: JSONValue = [
        "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext"
    ]
    var common: JSONValue = ["tls_params": ["tls_maximum_protocol_version": "TLSv1_3"]]
    switch security["mode"]?.string {
    case "SIMPLE", "MUTUAL":
        if let roots = security["caCertificates"]?.string, !roots.isEmpty {
            common["validation_context", "trusted_ca"] = ["filename": .string(roots)]
        }
        if let names = security["subjectAltNames"]?.array, !names.isEmpty {
            // Names count only in certificates that somebody vouches for.
            if common["validation_context", "trusted_ca"] == nil {
                common["validation_context", "trusted_ca"] = ["filename": "/etc/ssl/certs/ca-certificates.crt"]
            }
            common["validation_context", "match_typed_subject_alt_names"] = .array(
                names.map { ["san_type": "DNS", "matcher": ["exact": $0]] })
        }
        if security["mode"]?.string == "MUTUAL" {
            common["tls_certificates"] = [
                [
                    "certificate_chain": ["filename": security["clientCertificate"] ?? ""],
                    "private_key": ["filename": security["privateKey"] ?? ""],
                ]
            ]
        }
    case "ISTIO_MUTUAL":
        common["alpn_protocols"] = ["istio", "h2"]
        common["tls_certificate_sds_secret_configs"] = [workloadSecret("default")]
        common["validation_context_sds_secret_config"] = workloadSecret("ROOTCA")
    default:
        return .none
    }
    if let name = security["sni"]?.string, !name.isEmpty { context["sni"] = .string(name) }
    context["common_tls_context"] = common
    return ["name": "envoy.transport_sockets.tls", "typed_config": context]
}

private func workloadSecret(_ name: String) -> JSONValue {
    [
        "name": .string(name),
        "sds_config": [
            "resource_api_version": "V3",
            "api_config_source": [
                "api_type": "GRPC", "transport_api_version": "V3",
                "grpc_services": [["envoy_grpc": ["cluster_name": "sds-grpc"]]],
            ],
        ],
    ]
}

func keepalive(_ settings: JSONValue) -> JSONValue? {
    var keepalive: JSONValue = [:]
    keepalive["keepalive_probes"] = settings["probes"]
    for (field, name) in [("time", "keepalive_time"), ("interval", "keepalive_interval")] {
        if let duration = settings[field]?.string.flatMap(Duration.init(goText:)) {
            keepalive[name] = .integer(duration.wholeSeconds)
        }
    }
    return keepalive.object?.isEmpty == false ? keepalive : .none
}
