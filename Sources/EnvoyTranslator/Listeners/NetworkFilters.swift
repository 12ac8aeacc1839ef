import EnvoyAPI
import SwiftProtobuf

extension Envoy_Config_Listener_V3_Filter {
    /// Passes connections on to a cluster.
    static func tcpProxy(to cluster: String, settings: TrafficSettings) throws -> Self {
        try tcpProxy(to: .cluster(cluster), settings: settings)
    }

    /// Passes connections on to one of some clusters.
    ///
    /// - Parameter holds: They wait for a moment while nobody listens there.
    static func tcpProxy(
        to target: ConnectionTarget, in view: TrafficView = .outbound, holds: Bool = false, settings: TrafficSettings
    ) throws -> Self {
        let proxy: Envoy_Extensions_Filters_Network_TcpProxy_V3_TcpProxy = try .with {
            $0.statPrefix = target.statPrefix
            if let only = target.clusters.first, target.clusters.count == 1, only.weight == 0 {
                $0.cluster = only.name
            } else {
                $0.weightedClusters.clusters = target.clusters.map { cluster in
                    .with {
                        $0.name = cluster.name
                        $0.weight = UInt32(clamping: cluster.weight)
                    }
                }
            }
            target.settings.apply(to: &$0)
            if holds { $0.holdUntilServed() }
            $0.accessLog = try settings.connectionLogs(view)
            if let moments = settings.connectionMoments { $0.accessLogOptions = moments }
            if view == .inbound(isMutualTLS: true) {
                // So that the workload hears of nobody who has not shown a certificate, and logs know who has.
                $0.upstreamConnectMode = .onDownstreamTlsHandshake
                $0.maxEarlyDataBytes = .init(0)
            }
        }
        return try .with {
            $0.name = "envoy.filters.network.tcp_proxy"
            $0.typedConfig = try .init(packing: proxy)
        }
    }

    /// Says to the cluster that this connection is TCP, where the cluster would offer HTTP.
    static func offersTCP() throws -> Self {
        let state: Envoy_Extensions_Filters_Network_SetFilterState_V3_Config = .with {
            $0.onNewConnection = [
                .with {
                    $0.objectKey = "envoy.network.application_protocols"
                    $0.formatString.textFormatSource.inlineString = ApplicationProtocols.tcp.joined(separator: ",")
                    $0.sharedWithUpstream = .once
                }
            ]
        }
        return try .with {
            $0.name = "envoy.filters.network.set_filter_state"
            $0.typedConfig = try .init(packing: state)
        }
    }
}
