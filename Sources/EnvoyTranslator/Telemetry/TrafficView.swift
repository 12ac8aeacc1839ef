import MeshMetrics
import MeshModel

/// From where a filter chain sees traffic, as metrics tell it.
enum TrafficView: Hashable {
    /// The own workload calls.
    case outbound
    /// Calls pass a gateway.
    case gateway
    /// The own workload is called.
    ///
    /// - Parameter isMutualTLS: By a peer with a certificate of the mesh.
    case inbound(isMutualTLS: Bool)

    var isInbound: Bool { if case .inbound = self { true } else { false } }

    /// Labels of all metrics, as formats of access logs; in the order in which they are sent.
    var tags: [(name: String, format: String)] {
        switch self {
        case .outbound, .gateway:
            [
                (MetricTags.reporter, "source"), (MetricTags.endpoint, "%UPSTREAM_METADATA(istio:workload)%"),
                (MetricTags.sourcePrincipal, "%UPSTREAM_LOCAL_URI_SAN%"),
                (MetricTags.destinationPrincipal, "%UPSTREAM_PEER_URI_SAN%"),
                (MetricTags.services, "%CLUSTER_METADATA(istio:services)%"),
            ]
        case .inbound(let isMutualTLS):
            [(MetricTags.reporter, "destination")]
                + (isMutualTLS
                    ? [
                        (MetricTags.sourcePrincipal, "%DOWNSTREAM_PEER_URI_SAN%"),
                        (MetricTags.destinationPrincipal, "%DOWNSTREAM_LOCAL_URI_SAN%"),
                    ] : []) + [
                    (MetricTags.services, "%CLUSTER_METADATA(istio:services)%"),
                    (MetricTags.securityPolicy, isMutualTLS ? "mutual_tls" : "none"),
                ]
        }
    }

    /// Further labels of requests.
    var requestTags: [(name: String, format: String)] {
        let answer = [
            (MetricTags.responseCode, "%RESPONSE_CODE%"), (MetricTags.responseFlags, "%RESPONSE_FLAGS%"),
            (MetricTags.grpcStatus, "%GRPC_STATUS_NUMBER%"),
        ]
        switch self {
        case .outbound: return [(MetricTags.peer, PeerExchange.notedNames), (MetricTags.host, Self.host)] + answer
        case .gateway, .inbound(isMutualTLS: true): return [(MetricTags.peer, PeerExchange.notedNames)] + answer
        case .inbound(isMutualTLS: false): return answer
        }
    }

    /// What was asked for, where nobody knows a service: it was let through, or was not.
    private static let host =
        "%CEL(xds.cluster_name == '\(ClusterNames.passthrough)' || xds.route_name == 'block_all' ? request.host : '')%"
}
