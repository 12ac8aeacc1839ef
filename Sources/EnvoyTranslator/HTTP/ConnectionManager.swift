import EnvoyAPI
import MeshModel
import SwiftProtobuf

typealias ConnectionManager = Envoy_Extensions_Filters_Network_HttpConnectionManager_V3_HttpConnectionManager

/// Whose requests a connection manager sees, and where it has its routes from.
enum ConnectionManagerRole {
    /// Those of the own workload; routes are found by name.
    case outbound(routes: String)
    /// Those of the own workload to hosts that nobody knows; routes come along.
    case unknown(Envoy_Config_Route_V3_RouteConfiguration)
    /// Those to the own workload, by peers with a certificate of the mesh or by anybody; routes come along.
    case inbound(Envoy_Config_Route_V3_RouteConfiguration, isMutualTLS: Bool)
    /// Those that come to the edge of the mesh; routes are found by name.
    case gateway(routes: String, GatewayTopology)

    /// As metrics tell it.
    var view: TrafficView {
        switch self {
        case .outbound, .unknown: .outbound
        case .gateway: .gateway
        case .inbound(_, let isMutualTLS): .inbound(isMutualTLS: isMutualTLS)
        }
    }
}

extension Envoy_Config_Listener_V3_Filter {
    static func connectionManager(
        statPrefix: String, role: ConnectionManagerRole, filters: ConnectionFilters = .none,
        takesDatagrams: Bool = false, settings: TrafficSettings
    ) throws -> Self {
        let manager: ConnectionManager = try .with {
            $0.statPrefix = ClusterNames.statistics(statPrefix)
            $0.httpFilters = try filters.completed(in: role.view, settings: settings).httpFilters()
            $0.accessLog = try settings.requestLogs(role.view)
            try $0.trace(settings.tracing)
            if takesDatagrams {
                $0.codecType = .http3
                $0.http3ProtocolOptions = .init()
            }
            $0.useRemoteAddress = false
            $0.streamIdleTimeout = .init(.zero)
            $0.proxy100Continue = true
            $0.upgradeConfigs = [.with { $0.upgradeType = "websocket" }]
            $0.normalize(settings.pathNormalization)
            if settings.acceptsHTTP10 { $0.httpProtocolOptions.acceptHTTP10 = true }
            switch role {
            case .outbound(let routes):
                $0.rds.routeConfigName = routes
                $0.rds.configSource = settings.source.message(for: routes)
            case .unknown(let routes):
                $0.routeConfig = routes
            case .gateway(let routes, let topology):
                $0.rds.routeConfigName = routes
                $0.rds.configSource = settings.source.message(for: routes)
                $0.takeFromOutside(topology)
            case .inbound(let routes, _):
                $0.routeConfig = routes
                $0.serverName = "istio-envoy"
                $0.forwardClientCertDetails = .appendForward
                $0.setCurrentClientCertDetails = .with {
                    $0.subject = true
                    $0.dns = true
                    $0.uri = true
                }
            }
        }
        return try .with {
            $0.name = "envoy.filters.network.http_connection_manager"
            $0.typedConfig = try .init(packing: manager)
        }
    }
}

extension ConnectionManager {
    fileprivate mutating func normalize(_ normalization: PathNormalization) {
        normalizePath = .init(normalization != .none)
        mergeSlashes = normalization == .mergeSlashes || normalization == .decodeAndMergeSlashes
        pathWithEscapedSlashesAction =
            normalization == .decodeAndMergeSlashes ? .unescapeAndForward : .keepUnchanged
    }
}
