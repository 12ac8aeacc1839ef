import EnvoyAPI
import MeshMetrics
import SwiftProtobuf

/// What Envoy tells of a request that has ended.
struct RequestRecord: Hashable, Sendable {
    /// By which it is counted.
    var tags: [String: String]
    var request: CountedRequest
    /// Where a client of the own workload calls from; empty: whose names are not looked for.
    var clientAddress: String
}

extension RequestRecord {
    /// Nil for a request that has not ended: it is told of again.
    init?(_ entry: Envoy_Data_Accesslog_V3_HTTPAccessLogEntry) {
        let common = entry.commonProperties
        guard [.downstreamEnd, .notSet].contains(common.accessLogType) else { return nil }
        tags = common.customTags
        request = CountedRequest(
            milliseconds: common.duration.wholeMilliseconds, requestBytes: entry.request.requestBodyBytes,
            responseBytes: entry.response.responseBodyBytes)
        let messages = (tags.removeValue(forKey: MetricTags.messages) ?? "").split(separator: ",").map { UInt64($0) }
        if messages.count == 2, let requests = messages[0], let responses = messages[1] {
            (request.requestMessages, request.responseMessages) = (requests, responses)
            tags[MetricTags.messages] = ""
        }
        let isNamed = tags[MetricTags.reporter] != "destination" || tags[MetricTags.peer]?.isEmpty == false
        clientAddress = isNamed ? "" : common.downstreamDirectRemoteAddress.socketAddress.address
    }
}

extension Google_Protobuf_Duration {
    fileprivate var wholeMilliseconds: UInt64 {
        UInt64(clamping: seconds.multipliedReportingOverflow(by: 1000).partialValue) + UInt64(max(0, nanos)) / 1_000_000
    }
}
