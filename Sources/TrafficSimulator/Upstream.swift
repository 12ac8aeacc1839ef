package import EnvoyAPI
import SwiftProtobuf

/// One endpoint of a cluster, and how calls travel to it.
package struct Upstream: Hashable, Sendable {
    package var address: String
    package var port: Int
    package var security: Call.Security
    package var serverName: String
    package var applicationProtocols: [String]
    /// HTTP/2, whatever the client speaks.
    package var usesHTTP2: Bool
}

/// The endpoints of a cluster that a call may go to.
///
/// - Parameters:
///   - assignment: The endpoints that the cluster is sent apart; nil: those that stand in it.
///   - call: Where a cluster that keeps destinations sends it.
package func upstreams(
    of cluster: Envoy_Config_Cluster_V3_Cluster, assignment: Envoy_Config_Endpoint_V3_ClusterLoadAssignment?,
    call: Call
) -> [Upstream] {
    if cluster.type == .originalDst {
        return [cluster.upstream(call.address, call.port, metadata: .init())]
    }
    let load = assignment ?? cluster.loadAssignment
    return load.endpoints.flatMap(\.lbEndpoints).compactMap { endpoint in
        guard case .socketAddress(let socket)? = endpoint.endpoint.address.address else { return nil }
        return cluster.upstream(socket.address, Int(socket.portValue), metadata: endpoint.metadata)
    }
}

extension Envoy_Config_Cluster_V3_Cluster {
    fileprivate func upstream(
        _ address: String, _ port: Int, metadata: Envoy_Config_Core_V3_Metadata
    ) -> Upstream {
        let told = metadata.filterMetadata["envoy.transport_socket_match"]?.fields ?? [:]
        let match = transportSocketMatches.first { candidate in
            candidate.match.fields.allSatisfy { told[$0.key] == $0.value }
        }
        let socket = match?.transportSocket ?? (hasTransportSocket ? transportSocket : .init())
        let context: Envoy_Extensions_TransportSockets_Tls_V3_UpstreamTlsContext? = socket.typedConfig.unpacked()
        let common = context?.commonTlsContext
        let hasCertificate =
            !(common?.tlsCertificateSdsSecretConfigs.isEmpty ?? true) || !(common?.tlsCertificates.isEmpty ?? true)
        let options: Envoy_Extensions_Upstreams_Http_V3_HttpProtocolOptions? =
            typedExtensionProtocolOptions["envoy.extensions.upstreams.http.v3.HttpProtocolOptions"]?.unpacked()
        var usesHTTP2 = false
        if case .explicitHTTPConfig(let config)? = options?.upstreamProtocolOptions,
            case .http2ProtocolOptions? = config.protocolConfig
        {
            usesHTTP2 = true
        }
        return Upstream(
            address: address, port: port, security: context == nil ? .plaintext : hasCertificate ? .mtls : .tls,
            serverName: context?.sni ?? "", applicationProtocols: common?.alpnProtocols ?? [], usesHTTP2: usesHTTP2)
    }
}
