package import EnvoyAPI
import SwiftProtobuf

/// All that decides a cluster that connections of another network ask for by name: one port of a service, or a subset of
/// its workloads.
package struct NamedClusterInput: Hashable, Sendable {
    package var host: String
    package var serviceName: String
    package var namespace: String
    package var port: Int
    package var subset: String
    package var settings: ClusterSettings

    /// What clients ask for in TLS.
    package var name: String { ClusterNames.serverName(port: port, subset: subset, host: host) }
}

/// A cluster that connections of another network ask for by name. What comes is encrypted already, and stays so.
package func namedCluster(_ input: NamedClusterInput) -> Envoy_Config_Cluster_V3_Cluster {
    .with {
        $0 = .base(named: input.name, connectTimeout: input.settings.connectTimeout)
        $0.type = .eds
        $0.edsClusterConfig.serviceName = input.name
        $0.edsClusterConfig.edsConfig = input.settings.source.message(for: input.name)
        $0.lbPolicy = .leastRequest
        $0.metadata = .services([(input.host, input.serviceName, input.namespace)])
        if let keepalive = input.settings.keepalive { $0.upstreamConnectionOptions = .init(keepalive) }
    }
}
