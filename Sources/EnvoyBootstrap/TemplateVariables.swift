import KubernetesModel

/// What bootstrap templates find, under the names that Istio's agent gives to its own template.
///
/// What is text of JSON there is text of JSON here: `"metadata": {{ .meta_json_str }}`,
/// `"socket_address": {{ .zipkin }}`. ProxyConfig is `config`, with its fields under their names in Go and all defaults
/// in place.
func templateVariables(of input: BootstrapInput) -> JSONValue {
    var variables = whoItIs(input.node)
    variables.merge(addresses(of: input)) { _, new in new }
    variables.merge(statistics(of: input)) { _, new in new }
    variables.merge(destinations(of: input)) { _, new in new }
    variables["config"] = input.settings.withDefaults
    variables["runtime_flags"] = .string(runtimeFlags(of: input.settings).jsonText)
    variables["xds_type"] = input.usesDeltaDiscovery ? "DELTA_GRPC" : "GRPC"
    variables["connect_timeout"] = "10s"
    variables["log_json"] = .bool(input.logsAsJSON)
    variables["sts"] = .bool(input.tokenExchangePort > 0)
    variables["sts_port"] = .integer(Int64(input.tokenExchangePort))
    variables["workload_identity_socket_file"] = .string(fileName(of: input.secretSocket))
    if let path = input.fileSecretSocket { variables["custom_file_path"] = .string(path) }
    if let path = input.outlierLogPath, !path.isEmpty { variables["outlier_log_path"] = .string(path) }
    return .object(variables)
}

private func whoItIs(_ node: NodeDescription) -> [String: JSONValue] {
    var variables: [String: JSONValue] = [
        "nodeID": .string(node.id), "cluster": .string(node.cluster), "metadata": node.metadata,
        "nodeType": .string(String(node.id.prefix { $0 != "~" })),
        "meta_json_str": .string(node.metadata.jsonText), "metadata_discovery": false,
        "metrics_localhost_access_only": .bool(
            node.metadata["PROXY_CONFIG", "proxyMetadata", "METRICS_LOCALHOST_ACCESS_ONLY"]?.string == "true"),
    ]
    for (name, part) in [("region", node.region), ("zone", node.zone), ("sub_zone", node.subzone)] where !part.isEmpty {
        variables[name] = .string(part)
    }
    if let json = node.metadata["LOAD_STATS_CONFIG_JSON"]?.string {
        variables["load_stats_config_json_str"] = .string(json)
    }
    return variables
}

private func addresses(of input: BootstrapInput) -> [String: JSONValue] {
    let families = input.families
    var variables: [String: JSONValue] = [
        "localhost": .string(families.loopback), "wildcard": .string(families.wildcard),
        "dual_stack": .bool(families == .dual),
        "dns_lookup_family": families == .dual ? "ALL" : families == .ipv6 ? "V6_ONLY" : "V4_ONLY",
        "envoy_status_port": .integer(Int64(input.healthPort)),
        "envoy_prometheus_port": .integer(Int64(input.prometheusPort)),
    ]
    if families == .dual {
        variables["additional_localhost"] = "::1"
        variables["additional_wildcard"] = "::"
    }
    return variables
}

private func statistics(of input: BootstrapInput) -> [String: JSONValue] {
    let kept = KeptStatistics(input)
    var variables: [String: JSONValue] = [
        "inclusionPrefix": JSONValue(kept.prefixes), "inclusionSuffix": JSONValue(kept.suffixes),
        "histogram_buckets": .array(input.askedHistograms),
        "stats_compression": input.settings.compressesStatistics ? "true" : "false",
    ]
    if !kept.expressions.isEmpty { variables["inclusionRegexps"] = JSONValue(kept.expressions) }
    let tags = input.extraTags
    if !tags.isEmpty { variables["extraStatTags"] = JSONValue(tags) }
    return variables
}

private func destinations(of input: BootstrapInput) -> [String: JSONValue] {
    let settings = input.settings
    let controlPlane = hostName(of: settings.discoveryAddress)
    var variables: [String: JSONValue] = [
        "discovery_address": .string(settings.discoveryAddress), "discovery_host": .string(controlPlane),
        "pilot_SAN": .string(JSONValue.array([["exact": .string(controlPlane)]]).jsonText),
        "xds_root_cert": .string(input.discoveryRootFile),
    ]
    if let (name, address) = tracerAddress(of: settings) {
        variables[name == "zipkin" ? "zipkin" : "datadog"] = socketText(address)
        variables["tracing_tls"] = text(transportSocket(settings.fields["tracing"]?["tlsSettings"], input.compliance))
    }
    if let address = settings.text("statsdUdpAddress") { variables["statsd"] = socketText(address) }
    for (field, name) in [
        ("envoyMetricsService", "envoy_metrics_service"), ("envoyAccessLogService", "envoy_accesslog_service"),
    ] {
        guard let service = settings.fields[field], let address = service["address"]?.string, !address.isEmpty else {
            continue
        }
        variables["\(name)_address"] = socketText(address)
        variables["\(name)_tls"] = text(transportSocket(service["tlsSettings"], input.compliance))
        variables["\(name)_tcp_keepalive"] = text(service["tcpKeepalive"].flatMap(keepalive(_:)))
    }
    return variables
}

/// `{"address":"zipkin.obs","port_value":9411}`
private func socketText(_ address: String) -> JSONValue {
    let port = portNumber(of: address) ?? 80
    return .string(
        JSONValue.object(["address": .string(hostName(of: address)), "port_value": .integer(Int64(port))]).jsonText)
}

private func text(_ json: JSONValue?) -> JSONValue? { json.map { .string($0.jsonText) } }

private func fileName(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
}

extension ProxySettings {
    /// The fields, and the defaults of those that templates ask for.
    fileprivate var withDefaults: JSONValue {
        var fields = fields
        let defaults: [String: JSONValue] = [
            "configPath": .string(configPath), "binaryPath": .string(binaryPath),
            "discoveryAddress": .string(discoveryAddress), "proxyAdminPort": .integer(Int64(adminPort)),
            "statusPort": .integer(Int64(statusPort)), "interceptionMode": .string(interceptionMode),
            "drainDuration": .string(drainDuration.settingText),
            "terminationDrainDuration": .string(terminationDrainDuration.settingText),
            "controlPlaneAuthPolicy": isControlPlanePlain ? "NONE" : "MUTUAL_TLS", "serviceCluster": "istio-proxy",
        ]
        for (name, value) in defaults where fields[name] == nil { fields[name] = value }
        return fields
    }
}
