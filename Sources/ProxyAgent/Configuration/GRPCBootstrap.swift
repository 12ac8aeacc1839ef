import EnvoyBootstrap
package import KubernetesModel

/// What the gRPC libraries of an application start with that takes part in the mesh without Envoy.
package func grpcBootstrap(for configuration: AgentConfiguration) -> JSONValue {
    let certificates = configuration.variable("OUTPUT_CERTS") ?? "/var/lib/istio/data"
    let socket = configuration.discoverySocket
    let absolute = socket.hasPrefix("./") ? String(socket.dropFirst(1)) : socket
    return [
        "xds_servers": [
            [
                "server_uri": .string("unix://\(absolute)"), "channel_creds": [["type": "insecure"]],
                "server_features": ["xds_v3"],
            ]
        ],
        "node": configuration.node.json,
        "certificate_providers": [
            "default": [
                "plugin_name": "file_watcher",
                "config": [
                    "certificate_file": .string("\(certificates)/cert-chain.pem"),
                    "private_key_file": .string("\(certificates)/key.pem"),
                    "ca_certificate_file": .string("\(certificates)/root-cert.pem"), "refresh_interval": "900s",
                ],
            ]
        ],
        "server_listener_resource_name_template": "xds.istio.io/grpc/lds/inbound/%s",
    ]
}
