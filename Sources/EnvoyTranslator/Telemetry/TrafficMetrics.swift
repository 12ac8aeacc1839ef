import EnvoyAPI
import MeshMetrics
import MeshModel
import SwiftProtobuf

typealias StatsLog = Envoy_Extensions_AccessLoggers_Stats_V3_Config
private typealias AccessLog = Envoy_Config_Accesslog_V3_AccessLog

extension MetricsPolicy {
    /// Counts requests in Envoy.
    ///
    /// - Parameters:
    ///   - condition: Of which requests; nil: of all.
    ///   - hasLongCalls: Also calls of gRPC with many messages, which are told to nobody else.
    func requestCounts(
        _ view: TrafficView, of condition: Envoy_Config_Accesslog_V3_AccessLogFilter?, hasLongCalls: Bool
    ) throws -> [Envoy_Config_Accesslog_V3_AccessLog] {
        let tags = view.tags + view.requestTags
        var all = StatsLog()
        counter(.requestCount, tags).map { all.counters.append($0) }
        histogram(.requestDuration, .milliseconds, "%DURATION%", tags).map { all.histograms.append($0) }
        histogram(.requestSize, .bytes, "%BYTES_RECEIVED%", tags).map { all.histograms.append($0) }
        histogram(.responseSize, .bytes, "%BYTES_SENT%", tags).map { all.histograms.append($0) }
        var grpc = StatsLog()
        let counted = tags + [(MetricTags.messages, GRPCMessages.counts(ofLongCalls: hasLongCalls))]
        let messages = [StandardMetric.requestMessages, .responseMessages].compactMap { counter($0, counted) }
        if messages.count == 2, messages[0].stat.tags == messages[1].stat.tags {
            // One count tells both.
            grpc.counters = [messages[0]]
            grpc.counters[0].stat.name = MetricTags.bothMessages
        } else {
            grpc.counters = messages
        }
        return try [all.entry(of: condition), grpc.entry(of: .all([.grpc, condition]))].compactMap(\.self)
    }

    /// Counts connections.
    func connectionLogs(_ view: TrafficView) throws -> [Envoy_Config_Accesslog_V3_AccessLog] {
        let tags = view.tags + [(MetricTags.responseFlags, "%RESPONSE_FLAGS%")]
        var opened = StatsLog()
        counter(.openedConnections, tags).map { opened.counters.append($0) }
        var closed = StatsLog()
        let isUnopened = disabled.contains(.openedConnections)
        counter(.closedConnections, isUnopened ? tags + [(MetricTags.onlyClosed, "1")] : tags)
            .map { closed.counters.append($0) }
        counter(.sentBytes, tags, adding: "%BYTES_SENT%").map { closed.counters.append($0) }
        counter(.receivedBytes, tags, adding: "%BYTES_RECEIVED%").map { closed.counters.append($0) }
        return try [opened.entry(of: .type(.tcpUpstreamConnected)), closed.entry(of: .type(.tcpConnectionEnd))]
            .compactMap(\.self)
    }

    /// Whether the beginning of connections is looked at, and not their end alone.
    var seesConnectionsBegin: Bool { !disabled.contains(.openedConnections) }

    private func counter(
        _ metric: StandardMetric, _ tags: [(name: String, format: String)], adding value: String? = nil
    ) -> StatsLog.Counter? {
        disabled.contains(metric)
            ? nil
            : .with {
                $0.stat = stat(metric, tags)
                if let value { $0.valueFormat = value } else { $0.valueFixed = .init(1) }
            }
    }

    private func histogram(
        _ metric: StandardMetric, _ unit: StatsLog.Histogram.Unit, _ value: String,
        _ tags: [(name: String, format: String)]
    ) -> StatsLog.Histogram? {
        disabled.contains(metric)
            ? nil
            : .with {
                $0.stat = stat(metric, tags)
                $0.unit = unit
                $0.valueFormat = value
            }
    }

    /// A metric, with the tags that are left and those that are put in.
    ///
    /// - Parameter isToldToAgent: Envoy tells of it, leaving out tags that are empty, and does not count it.
    func stat(
        _ metric: StandardMetric, _ tags: [(name: String, format: String)], isToldToAgent: Bool = false
    ) -> StatsLog.Stat {
        let changed = (self.tags[metric] ?? [:]).sorted { $0.key < $1.key }
        var tags = tags
        var (removed, added): ([String], [String]) = ([], [])
        for (name, tag) in changed where name != MetricTags.reporter {
            switch tag {
            case .removed:
                removed.append(name)
            case .format(let format):
                tags.removeAll { $0.name == name }
                tags.append((name, format))
                added.append(name)
            }
        }
        // Those of the other side are made of tags that are needed all the same.
        let removable = [MetricTags.responseCode, MetricTags.responseFlags, MetricTags.grpcStatus]
        tags.removeAll { removed.contains($0.name) && removable.contains($0.name) }
        if !removed.isEmpty { tags.append((MetricTags.removed, removed.joined(separator: ","))) }
        if isToldToAgent, !added.isEmpty { tags.append((MetricTags.changed, added.joined(separator: ","))) }
        return .with {
            $0.name = "istio_\(metric.rawValue)"
            $0.tags = tags.map { tag in
                .with {
                    $0.name = tag.name
                    $0.valueFormat = tag.format
                }
            }
        }
    }
}

extension StatsLog {
    /// Nil if it counts nothing.
    fileprivate func entry(of filter: Envoy_Config_Accesslog_V3_AccessLogFilter? = nil) throws -> AccessLog? {
        guard !counters.isEmpty || !histograms.isEmpty else { return nil }
        var log = self
        log.statPrefix = MetricTags.prefix
        return try .with {
            $0.name = "envoy.access_loggers.stats"
            $0.typedConfig = try .init(packing: log)
            if let filter { $0.filter = filter }
        }
    }
}
