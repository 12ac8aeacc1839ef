import KubernetesModel

/// What answers from the first moment: metrics, and health. The agent knows both better than Envoy: what its counts are
/// called, and whether it drains.
///
/// They belong to no direction, so that a drain of inbound listeners leaves them alone, and are not counted as load.
func staticListeners(of input: BootstrapInput) -> [JSONValue] {
    [
        listener(
            "stats", input.prometheusPort, path: "/stats/prometheus", rewritten: "/stats/envoy",
            filters: input.settings.compressesStatistics ? compressors : [], input.families),
        listener(
            "agent", input.healthPort, path: "/healthz/ready", rewritten: "/healthz/ready", filters: [],
            input.families),
    ]
}

private func listener(
    _ name: String, _ port: Int, path: String, rewritten: String, filters: [JSONValue],
    _ families: LocalFamilies
) -> JSONValue {
    let route: JSONValue = ["cluster": "agent", "prefix_rewrite": .string(rewritten)]
    let manager: JSONValue = [
        "@type":
            "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "codec_type": "AUTO", "stat_prefix": .string("\(name);"),
        "route_config": [
            "virtual_hosts": [
                [
                    "name": "backend", "domains": ["*"],
                    "routes": [["match": ["prefix": .string(path)], "route": route]],
                ]
            ]
        ],
        "http_filters": .array(filters + [routerFilter]),
    ]
    var listener: JSONValue = [
        "name": .string(name), "address": socket(families.wildcard, port), "ignore_global_conn_limit": true,
        "bypass_overload_manager": true,
        "filter_chains": [
            ["filters": [["name": "envoy.filters.network.http_connection_manager", "typed_config": manager]]]
        ],
    ]
    if families == .dual { listener["additional_addresses"] = [["address": socket("::", port)]] }
    return listener
}

private let routerFilter: JSONValue = [
    "name": "envoy.filters.http.router",
    "typed_config": ["@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"],
]

private let compressors: [JSONValue] = ["Gzip", "Brotli", "Zstd"].map { kind in
    let lowercased = kind.lowercased()
    let library = "envoy.extensions.compression.\(lowercased).compressor.v3.\(kind)"
    return [
        "name": .string("envoy.filters.http.compressor.\(lowercased)"),
        "typed_config": [
            "@type": "type.googleapis.com/envoy.extensions.filters.http.compressor.v3.Compressor",
            "compressor_library": [
                "name": .string(lowercased), "typed_config": ["@type": .string("type.googleapis.com/\(library)")],
            ],
        ],
    ]
}
