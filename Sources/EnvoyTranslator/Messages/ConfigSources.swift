import EnvoyAPI
import MeshModel
import SwiftProtobuf

/// Where a proxy finds what a resource refers to by name.
package struct ConfigSources: Hashable, Sendable {
    package enum Source: Hashable, Sendable {
        /// The stream that the resource itself came by.
        case ads
        /// The agent beside the proxy: the bootstrap's cluster `sds-grpc`.
        case agent
        /// A program beside the proxy: a cluster of the bootstrap.
        case program(cluster: String)
        /// Files of a folder, one for each resource: see ``fileName(for:)``.
        case folder(String)
    }

    /// Of endpoints and routes.
    package var resources: Source
    /// Of the workload's own certificates and keys.
    package var secrets: Source
    /// Of certificates and keys in files of the proxy's machine.
    package private(set) var files: Source
    /// Of certificates and keys that Gateways name.
    package var credentials: Source
    /// Of those among them that another program has; nil: there is none.
    package private(set) var foreignCredentials: Source?

    package init(resources: Source = .ads, secrets: Source = .agent, credentials: Source = .ads) {
        self.resources = resources
        self.secrets = secrets
        self.credentials = credentials
        files = secrets
    }

    /// These, for a proxy beside which such programs run.
    func beside(_ sockets: SecretSockets) -> ConfigSources {
        var sources = self
        if sockets.hasCredentials { sources.foreignCredentials = .program(cluster: "sds-external") }
        if sockets.hasWorkloadIdentity { sources.files = .program(cluster: "sds-files-grpc") }
        return sources
    }

    /// By which name, and where, a credential is asked for.
    ///
    /// - Parameter name: As a Gateway or DestinationRule writes it.
    func credential(_ name: String) -> (resource: String, source: Source) {
        if SecretSockets.isCredential(name), let foreignCredentials { return (name, foreignCredentials) }
        return (CredentialName(name).resource, credentials)
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
            case .program(let cluster): $0.apiConfigSource = Self.service(cluster)
            case .folder(let path):
                $0.pathConfigSource.path = "\(path)/\(ConfigSources.fileName(for: resource))"
            }
            $0.initialFetchTimeout = .init(.zero)
            $0.resourceApiVersion = .v3
        }
    }

    private static let agentSource = service("sds-grpc")

    private static func service(_ cluster: String) -> Envoy_Config_Core_V3_ApiConfigSource {
        .with {
            $0.apiType = .grpc
            $0.transportApiVersion = .v3
            $0.setNodeOnFirstMessageOnly = true
            $0.grpcServices = [.with { $0.envoyGrpc.clusterName = cluster }]
        }
    }
}
