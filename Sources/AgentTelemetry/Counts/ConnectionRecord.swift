import EnvoyAPI
import MeshMetrics

/// What Envoy tells of a connection at one moment.
struct ConnectionRecord: Hashable, Sendable {
    /// One among all connections, also of other Envoys.
    var id: String
    var isEnd: Bool
    /// From its beginning on.
    var received: UInt64
    var sent: UInt64
    /// By which it is counted.
    var tags: [String: String]
    /// Where a client of the own workload calls from; empty: whose names are not looked for.
    var clientAddress: String
}

extension ConnectionRecord {
    init(_ entry: Envoy_Data_Accesslog_V3_TCPAccessLogEntry) {
        let common = entry.commonProperties
        id = common.streamID
        isEnd = common.accessLogType == .tcpConnectionEnd
        received = entry.connectionProperties.receivedBytes
        sent = entry.connectionProperties.sentBytes
        tags = common.customTags
        clientAddress =
            tags[MetricTags.reporter] == "destination"
            ? common.downstreamDirectRemoteAddress.socketAddress.address : ""
    }
}
