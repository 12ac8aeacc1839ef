import EnvoyAPI
import MeshModel
import SwiftProtobuf

typealias ConnectionManager = Envoy_Extensions_Filters_Network_HttpConnectionManager_V3_HttpConnectionManager

/// Whose requests a connection manager sees, and where it has its routes from.
enum ConnectionManagerRole {
    /// Those of the own workload; routes are found by name.
    case outbound(routes: String)
    /// Those to the own workload; routes come along.
    case inbound(Envoy_Config_Route_V3_RouteConfiguration)
}

extension Envoy_Config_Listener_V3_Filter {
    static func connectionManager(
        statPrefix: String, role: ConnectionManagerRole, settings: TrafficSettings
    ) throws -> Self {
        let manager: ConnectionManager = try .with {
            $0.statPrefix = ClusterNames.statistics(statPrefix)
            $0.httpFilters = try .standard()
            $0.accessLog = try settings.accessLog.entries()
            $0.tracing = .sampling(settings.tracedPercentage)
            $0.requestIDExtension.typedConfig = try .init(
                packing: Envoy_Extensions_RequestId_Uuid_V3_UuidRequestIdConfig.with {
                    $0.useRequestIDForTraceSampling = true
                })
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
            case .inbound(let routes):
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

extension ConnectionManager.Tracing {
    /// A share of requests; nothing is traced unless the bootstrap names a tracer. Tags that name the workload are left
    /// to where tracing is configured: without them listeners are the same for all workloads.
    fileprivate static func sampling(_ percentage: Double) -> Self {
        .with {
            $0.clientSampling = .init(100)
            $0.randomSampling = .init(percentage)
            $0.overallSampling = .init(100)
        }
    }
}

extension [Envoy_Extensions_Filters_Network_HttpConnectionManager_V3_HttpFilter] {
    /// In the order that EnvoyFilters count on; the router last.
    fileprivate static func standard() throws -> Self {
        [
            try .named(
                "envoy.filters.http.grpc_stats",
                Envoy_Extensions_Filters_Http_GrpcStats_V3_FilterConfig.with {
                    $0.emitFilterState = true
                    $0.statsForAllMethods = false
                }),
            try .named("envoy.filters.http.fault", Envoy_Extensions_Filters_Http_Fault_V3_HTTPFault()),
            try .named("envoy.filters.http.cors", Envoy_Extensions_Filters_Http_Cors_V3_Cors()),
            try .named("envoy.filters.http.router", Envoy_Extensions_Filters_Http_Router_V3_Router()),
        ]
    }
}

extension Envoy_Extensions_Filters_Network_HttpConnectionManager_V3_HttpFilter {
    fileprivate static func named(_ name: String, _ config: some Message) throws -> Self {
        try .with {
            $0.name = name
            $0.typedConfig = try .init(packing: config)
        }
    }
}
