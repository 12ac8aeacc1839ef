import EnvoyAPI
import MeshMetrics
import MeshModel
import SwiftProtobuf

private typealias AccessLog = Envoy_Config_Accesslog_V3_AccessLog

extension MetricsPolicy {
    /// Tells the agent of connections when they begin, while they are open and when they end, with the tags by which it
    /// counts them. Metrics with tags of their own have a log of their own.
    func connectionRecords(_ view: TrafficView) throws -> [Envoy_Config_Accesslog_V3_AccessLog] {
        let metrics: [(StandardMetric, ConnectionTotals.Counted)] = [
            (.openedConnections, .opened), (.closedConnections, .closed), (.sentBytes, .sent),
            (.receivedBytes, .received),
        ]
        return try logs(of: metrics, view.tags + [(MetricTags.responseFlags, "%RESPONSE_FLAGS%")]).map { log in
            try .with {
                $0.name = "envoy.access_loggers.tcp_grpc"
                $0.typedConfig = try .init(
                    packing: Envoy_Extensions_AccessLoggers_Grpc_V3_TcpGrpcAccessLogConfig.with {
                        $0.commonConfig = .toAgent(log.counted.logName, log.tags)
                    })
                $0.filter = .types([.tcpUpstreamConnected, .tcpPeriodic, .tcpConnectionEnd])
            }
        }
    }

    /// Tells the agent of requests when they end, with the tags by which it counts them. Metrics with tags of their own
    /// have a log of their own.
    ///
    /// - Parameters:
    ///   - condition: Of which requests; nil: of all.
    ///   - metrics: What the agent counts of them.
    func requestRecords(
        _ view: TrafficView, of condition: Envoy_Config_Accesslog_V3_AccessLogFilter?,
        counting metrics: [(StandardMetric, RequestTotals.Counted)] = RequestTotals.Counted.byMetric
    ) throws -> [Envoy_Config_Accesslog_V3_AccessLog] {
        let tags = view.tags + view.requestTags + [(MetricTags.messages, GRPCMessages.all)]
        return try logs(of: metrics, tags).map { log in
            try .with {
                $0.name = "envoy.access_loggers.http_grpc"
                $0.typedConfig = try .init(
                    packing: Envoy_Extensions_AccessLoggers_Grpc_V3_HttpGrpcAccessLogConfig.with {
                        $0.commonConfig = .toAgent(log.counted.logName, log.tags)
                    })
                if let condition { $0.filter = condition }
            }
        }
    }

    private func logs<Counted: SetAlgebra>(
        of metrics: [(StandardMetric, Counted)], _ common: [(name: String, format: String)]
    ) -> [(tags: [StatsLog.Tag], counted: Counted)] {
        var logs: [(tags: [StatsLog.Tag], counted: Counted)] = []
        for (metric, counted) in metrics where !disabled.contains(metric) {
            let tags = stat(metric, common, isToldToAgent: true).tags
            if let index = logs.firstIndex(where: { $0.tags == tags }) {
                logs[index].counted.formUnion(counted)
            } else {
                logs.append((tags, counted))
            }
        }
        return logs
    }
}

extension RequestTotals.Counted {
    /// What agents count as which metric.
    static let byMetric: [(StandardMetric, RequestTotals.Counted)] =
        [
            (.requestCount, .requests), (.requestDuration, .durations), (.requestSize, .requestBytes),
            (.responseSize, .responseBytes),
        ] + messagesByMetric
    /// Of calls of gRPC alone.
    static let messagesByMetric: [(StandardMetric, RequestTotals.Counted)] = [
        (.requestMessages, .requestMessages), (.responseMessages, .responseMessages),
    ]
}

extension Envoy_Extensions_AccessLoggers_Grpc_V3_CommonGrpcAccessLogConfig {
    fileprivate static func toAgent(_ name: String, _ tags: [StatsLog.Tag]) -> Self {
        .with {
            $0.logName = name
            $0.transportApiVersion = .v3
            $0.grpcService.envoyGrpc.clusterName = ClusterNames.connectionLog
            $0.customTags = tags.map { .init($0) }
        }
    }
}

extension Envoy_Type_Tracing_V3_CustomTag {
    fileprivate init(_ tag: StatsLog.Tag) {
        self.init()
        self.tag = tag.name
        if tag.valueFormat.contains("%") { value = tag.valueFormat } else { literal.value = tag.valueFormat }
    }
}
