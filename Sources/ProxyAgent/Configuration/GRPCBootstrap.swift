import AgentRuntime
import EnvoyBootstrap
package import KubernetesModel
import WorkloadCredentials

/// What the gRPC libraries of an application start with that takes part in the mesh without Envoy.
///
/// They ask the agent on its socket, and find certificates in the folder that the agent writes them to, if it does.
package func grpcBootstrap(for configuration: AgentConfiguration) -> JSONValue {
    let socket = configuration.discoverySocket
    let absolute = socket.hasPrefix("./") ? String(socket.dropFirst(1)) : socket
    var bootstrap: JSONValue = [
        "xds_servers": [
            [
                "server_uri": .string("unix://\(absolute)"), "channel_creds": [["type": "insecure"]],
                "server_features": ["xds_v3"],
            ]
        ],
        "node": configuration.node.json,
        "server_listener_resource_name_template": "xds.istio.io/grpc/lds/inbound/%s",
    ]
    if let folder = configuration.variable("OUTPUT_CERTS") {
        let files = CertificateFiles(folder)
        bootstrap["certificate_providers"] = [
            "default": [
                "plugin_name": "file_watcher",
                "config": [
                    "certificate_file": .string(files.chain), "private_key_file": .string(files.key),
                    "ca_certificate_file": .string(files.root), "refresh_interval": "900s",
                ],
            ]
        ]
    }
    return bootstrap
}

extension AgentConfiguration {
    /// Where gRPC libraries look for it.
    var grpcBootstrapPath: String { variable("GRPC_XDS_BOOTSTRAP") ?? "\(settings.configPath)/grpc-bootstrap.json" }

    /// Writes what gRPC libraries start with.
    func writeGRPCBootstrap(to path: String) throws(BootstrapFileError) {
        do {
            if let slash = path.lastIndex(of: "/") { Files.makeFolder(String(path[..<slash])) }
            try Files.replace(path, with: Array(grpcBootstrap(for: self).prettyJSONText.utf8), mode: 0o644)
        } catch {
            throw BootstrapFileError("\(error). GRPC_XDS_BOOTSTRAP may name another")
        }
    }

    /// Why an application without Envoy cannot start; nil: it can.
    ///
    /// Who is to call the control plane is the application: that it has been reached cannot be waited for.
    var proxylessProblem: String? {
        guard let folder = variable("OUTPUT_CERTS") else { return nil }
        let missing = CertificateFiles(folder).all.filter { !Files.exists($0) }
        return missing.isEmpty ? nil : "the certificates are not there yet: \(missing.joined(separator: ", "))"
    }
}
