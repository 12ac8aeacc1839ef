package import KubernetesModel

/// The configuration that Envoy starts with: who it is, where it finds everything else, how it is watched.
package func bootstrap(for input: BootstrapInput) -> JSONValue {
    var bootstrap: JSONValue = [
        "node": input.node.json,
        "admin": [
            "profile_path": "/var/lib/istio/data/envoy.prof", "ignore_global_conn_limit": true,
            "address": socket(input.families.loopback, input.settings.adminPort),
        ],
        "layered_runtime": runtime(of: input.settings),
        "bootstrap_extensions": [
            [
                "name": "envoy.bootstrap.internal_listener",
                "typed_config": [
                    "@type": "type.googleapis.com/envoy.extensions.bootstrap.internal_listener.v3.InternalListener"
                ],
            ]
        ],
        "stats_config": statisticsSettings(of: input),
        "dynamic_resources": dynamicResources(of: input),
        "static_resources": [
            "clusters": .array(staticClusters(of: input) + remoteClusters(of: input)),
            "listeners": .array(staticListeners(of: input)),
        ],
        "overload_manager": overloadManager,
    ]
    let sinks = statisticsSinks(of: input)
    if !sinks.isEmpty { bootstrap["stats_sinks"] = .array(sinks) }
    if let tracer = tracer(of: input.settings) { bootstrap["tracing"] = ["http": tracer] }
    if let path = input.outlierLogPath, !path.isEmpty {
        bootstrap["cluster_manager"] = ["outlier_detection": ["event_log_path": .string(path)]]
    }
    if let interval = input.settings.duration("statsEvictionInterval")
        ?? input.annotations["sidecar.istio.io/statsEvictionInterval"].flatMap(Duration.init(goText:)),
        interval > .zero
    {
        bootstrap["stats_eviction_interval"] = .string(interval.settingText)
    }
    if let interval = input.annotations["sidecar.istio.io/statsFlushInterval"].flatMap(Duration.init(goText:)),
        interval > .zero
    {
        bootstrap["stats_flush_interval"] = .string(interval.settingText)
    }
    if input.logsAsJSON { bootstrap["application_log_config"] = ["log_format": ["json_format": logFields]] }
    return bootstrap
}

/// An address that is listened on or connected to.
func socket(_ address: String, _ port: Int) -> JSONValue {
    ["socket_address": ["address": .string(address), "port_value": .integer(Int64(port))]]
}

/// Everything that changes comes by one stream, which the agent relays.
private func dynamicResources(of input: BootstrapInput) -> JSONValue {
    let aggregated: JSONValue = ["ads": [:], "initial_fetch_timeout": "0s", "resource_api_version": "V3"]
    return [
        "lds_config": aggregated, "cds_config": aggregated,
        "ads_config": [
            "api_type": input.usesDeltaDiscovery ? "DELTA_GRPC" : "GRPC", "transport_api_version": "V3",
            "set_node_on_first_message_only": true,
            "grpc_services": [["envoy_grpc": ["cluster_name": "xds-grpc"]]],
        ],
    ]
}

/// People's flags lie over ours, and what is set through the administration over both.
private func runtime(of settings: ProxySettings) -> JSONValue {
    [
        "layers": [
            ["name": "global config", "static_layer": runtimeFlags(of: settings)],
            ["name": "admin", "admin_layer": [:]],
        ]
    ]
}

/// Flags of Envoy's runtime: ours, and people's over them.
func runtimeFlags(of settings: ProxySettings) -> JSONValue {
    var flags: JSONValue = [
        "re2.max_program_size.error_level": 32768,
        "envoy.reloadable_features.http_reject_path_with_fragment": false,
    ]
    for (name, value) in settings.runtimeValues {
        flags[name] = (try? JSONValue(parsing: value)).flatMap(scalar) ?? .string(value)
    }
    return flags
}

private func scalar(_ value: JSONValue) -> JSONValue? {
    switch value {
    case .bool, .integer, .double: value
    default: .none
    }
}

/// Without a limit of its own Envoy warns of having none. Connections are limited by listeners and by the kernel.
private let overloadManager: JSONValue = [
    "resource_monitors": [
        [
            "name": "envoy.resource_monitors.global_downstream_max_connections",
            "typed_config": [
                "@type":
                    "type.googleapis.com/envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig",
                "max_active_downstream_connections": 2_147_483_647,
            ],
        ]
    ]
]

private let logFields: JSONValue = [
    "time": "%Y-%m-%dT%T.%fZ", "level": "%l", "scope": "envoy %n", "caller": "%g:%#", "msg": "%j", "thread": "%t",
]
