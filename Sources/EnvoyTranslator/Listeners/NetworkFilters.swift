import EnvoyAPI
import SwiftProtobuf

extension Envoy_Config_Listener_V3_Filter {
    /// Passes connections on to a cluster.
    static func tcpProxy(to cluster: String, settings: TrafficSettings) throws -> Self {
        let proxy: Envoy_Extensions_Filters_Network_TcpProxy_V3_TcpProxy = try .with {
            $0.statPrefix = cluster
            $0.cluster = cluster
            $0.accessLog = try settings.accessLog.entries()
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
