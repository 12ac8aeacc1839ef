/// What expressions can ask proxies for.
enum KnownAttributes {
    /// By the number of their values.
    static let functions = ["has": 1, "size": 1, "int": 1, "uint": 1, "double": 1, "bool": 1, "matches": 2]
    /// The same of those that are called on a value.
    static let methods = ["size": 0, "matches": 1, "contains": 1, "startsWith": 1, "endsWith": 1]

    private static let certificate = [
        "tls_version", "subject_local_certificate", "subject_peer_certificate", "dns_san_local_certificate",
        "dns_san_peer_certificate", "uri_san_local_certificate", "uri_san_peer_certificate",
        "sha256_peer_certificate_digest", "transport_failure_reason",
    ]

    /// Nil: any member.
    private static let members: [String: Set<String>?] = [
        "request": [
            "path", "url_path", "host", "scheme", "method", "headers", "referer", "useragent", "time", "id", "protocol",
            "query", "duration", "size", "total_size",
        ],
        "response": [
            "code", "code_details", "flags", "grpc_status", "headers", "trailers", "size", "total_size",
            "backend_latency",
        ],
        "source": ["address", "port"],
        "destination": ["address", "port"],
        "connection": Set(
            certificate + ["id", "mtls", "requested_server_name", "termination_details", "transport_failure_reason"]),
        "upstream": Set(
            certificate + [
                "address", "port", "local_address", "locality", "request_attempt_count",
                "cx_pool_ready_duration",
            ]),
        "metadata": nil, "filter_state": nil, "upstream_filter_state": nil,
        "xds": [
            "node", "cluster_name", "cluster_metadata", "listener_metadata", "listener_direction", "route_name",
            "route_metadata", "upstream_host_metadata", "upstream_host_locality_metadata", "filter_chain_name",
            "virtual_host_name", "virtual_host_metadata",
        ],
    ]

    /// Names that stand for members of `xds`.
    private static let ofConfiguration: Set<String> = [
        "node", "cluster_name", "cluster_metadata", "listener_metadata", "listener_direction", "route_name",
        "route_metadata", "upstream_host_metadata",
    ]

    /// The name under which proxies have it.
    static func prefixed(_ root: String) -> String { ofConfiguration.contains(root) ? "xds.\(root)" : root }

    static func isKnown(_ root: String, _ member: String?) -> Bool {
        if ofConfiguration.contains(root) { return true }
        guard let known = members[root] else { return false }
        guard let known, let member else { return true }
        return known.contains(member)
    }
}
