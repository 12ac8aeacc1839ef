import EnvoyAPI
import MeshMetrics
import MeshModel
import SwiftProtobuf

extension TrafficSettings {
    /// Of requests: access logs, and what counts.
    func requestLogs(_ view: TrafficView) throws -> [Envoy_Config_Accesslog_V3_AccessLog] {
        try accessLogs.entries() + (metrics.map { try requestCounts($0, view) } ?? [])
    }

    /// Envoy counts those whose clients have said what they are called. The agent is told of the others, whose clients it
    /// knows by address, and of what Envoy has no counts for.
    private func requestCounts(
        _ metrics: MetricsPolicy, _ view: TrafficView
    ) throws -> [Envoy_Config_Accesslog_V3_AccessLog] {
        guard hasRequestLog else { return try metrics.requestCounts(view, of: nil, hasLongCalls: true) }
        if view == .inbound(isMutualTLS: false) { return try metrics.requestRecords(view, of: nil) }
        let isNamed = view.isInbound ? PeerExchange.noted(true) : nil
        return try metrics.requestCounts(view, of: isNamed, hasLongCalls: false)
            + metrics.requestRecords(
                view, of: .all([.grpc, isNamed, try GRPCMessages.areLong()]),
                counting: RequestTotals.Counted.messagesByMetric)
            + (view.isInbound ? metrics.requestRecords(view, of: PeerExchange.noted(false)) : [])
    }

    /// Of connections: access logs, and what counts.
    func connectionLogs(_ view: TrafficView) throws -> [Envoy_Config_Accesslog_V3_AccessLog] {
        var logs = try accessLogs.entries(isTCP: true)
        guard let metrics else { return logs }
        if hasConnectionLog || metrics.seesConnectionsBegin {
            // Connections are told when they begin, too; logs tell them once.
            for index in logs.indices { logs[index].limit(to: .type(.tcpConnectionEnd)) }
        }
        return try logs + (hasConnectionLog ? metrics.connectionRecords(view) : metrics.connectionLogs(view))
    }

    /// When connections are told of besides their end.
    var connectionMoments: Envoy_Extensions_Filters_Network_TcpProxy_V3_TcpProxy.TcpAccessLogOptions? {
        guard let metrics, hasConnectionLog || metrics.seesConnectionsBegin else { return nil }
        return .with {
            $0.flushAccessLogOnConnected = true
            if hasConnectionLog { $0.accessLogFlushInterval = .init(metrics.reportingInterval) }
        }
    }
}

extension ConnectionFilters {
    /// With those by which workloads tell each other what they are called.
    fileprivate func exchangingNames(in view: TrafficView, settings: TrafficSettings) -> ConnectionFilters {
        guard settings.exchangesNames else { return self }
        var filters = self
        switch view {
        case .outbound, .gateway:
            filters.add([.peerExchange(.hear), .peerExchange(.announce)], in: .telemetry)
        case .inbound(isMutualTLS: true):
            filters.add([.peerExchange(.note), .peerExchange(.answer)], in: .peers)
        case .inbound(isMutualTLS: false):
            filters.add([.peerExchange(.withhold)], in: .peers)
        }
        return filters
    }
}

extension ConnectionFilters {
    /// With those that follow from what is seen of traffic.
    func completed(in view: TrafficView, settings: TrafficSettings) -> ConnectionFilters {
        var filters = exchangingNames(in: view, settings: settings)
        if settings.keepsSessions, !view.isInbound { filters.add([.persistentSessions], in: .lookup) }
        return filters
    }
}

extension Envoy_Config_Accesslog_V3_AccessLog {
    /// Tells only what another condition allows, too.
    mutating func limit(to condition: Envoy_Config_Accesslog_V3_AccessLogFilter) {
        guard hasFilter else {
            filter = condition
            return
        }
        let both = [condition, filter]
        filter = .with { $0.andFilter.filters = both }
    }
}
