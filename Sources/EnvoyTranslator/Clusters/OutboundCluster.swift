package import EnvoyAPI
import MeshModel
import SwiftProtobuf

/// The cluster of one port of a service, or of a subset of its workloads.
package func outboundCluster(_ input: OutboundClusterInput) throws -> Envoy_Config_Cluster_V3_Cluster {
    let pool = input.policy.connectionPool
    return try .with {
        $0 = .base(
            named: input.name, connectTimeout: pool?.connectTimeout ?? input.settings.connectTimeout,
            statisticsName: input.statisticsName)
        try $0.discover(input)
        $0.balance(input)
        $0.limit(pool, retries: input.policy.retryBudget)
        $0.keepAlive(pool?.keepalive ?? input.settings.keepalive)
        if let detection = input.policy.outlierDetection { $0.detect(detection) }
        $0.metadata = input.metadata
        try $0.speak(
            UpstreamProtocol(
                upstream: input.upstream, pool: pool, serverNames: input.security.automaticServerNames(input),
                errorStatuses: input.policy.outlierDetection?.errorStatuses ?? []))
        try $0.secure(input)
        if let version = input.policy.proxyProtocol { try $0.tellClients(by: version) }
    }
}
