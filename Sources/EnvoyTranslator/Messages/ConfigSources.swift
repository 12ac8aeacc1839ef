import EnvoyAPI
import SwiftProtobuf

/// Where a proxy finds what a resource refers to by name.
package struct ConfigSources: Hashable, Sendable {
    package enum Source: Hashable, Sendable {
        /// The stream that the resource itself came by.
        case ads
        /// The agent beside the proxy: the bootstrap's cluster `sds-grpc`.
        case agent
        /// Files of a folder, one for each resource: see ``fileName(for:)``.
        case folder(String)
    }

    /// Of endpoints and routes.
    package var resources: Source
    /// Of the workload's own certificates and keys.
    package var secrets: Source
    /// Of certificates and keys that Gateways name.
    package var credentials: Source

    package init(resources: Source = .ads, secrets: Source = .agent, credentials: Source = .ads) {
        self.resources = resources
        self.secrets = secrets
        self.credentials = credentials
    }

    /// The file of a folder that holds a resource, as a DiscoveryResponse with it alone.
    package static func fileName(for resource: String) -> String {
        String(resource.map { $0 == "|" || $0 == "/" || $0 == ":" ? "_" : $0 }) + ".pb"
    }
}

extension ConfigSources.Source {
    /// As the message that names this source. The proxy waits for the resource as long as it takes.
    func message(for resource: String) -> Envoy_Config_Core_V3_ConfigSource {
        .with {
            switch self {
            case .ads: $0.ads = .init()
            case .agent: $0.apiConfigSource = Self.agentSource
            case .folder(let path):
                $0.pathConfigSource.path = "\(path)/\(ConfigSources.fileName(for: resource))"
            }
            $0.initialFetchTimeout = .init(.zero)
            $0.resourceApiVersion = .v3
        }
    }

    private static let agentSource: Envoy_Config_Core_V3_ApiConfigSource = .with {
        $0.apiType = .grpc
        $0.transportApiVersion = .v3
        $0.setNodeOnFirstMessageOnly = true
        $0.grpcServices = [.with { $0.envoyGrpc.clusterName = "sds-grpc" }]
    }
}
