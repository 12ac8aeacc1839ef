import EnvoyAPI
import SwiftProtobuf

/// How many messages calls of gRPC had, as Envoy notes it: `requests,responses`.
///
/// Envoy's loggers add no numbers that they have as text. Envoy counts calls by both numbers therefore, and whoever reads
/// the page multiplies. Different numbers make different series, so that calls with many messages are told to the agent
/// one by one, where there is one that counts requests.
enum GRPCMessages {
    private static let state = "envoy.filters.http.grpc_stats"
    /// Two digits and the comma: a hundred series at most.
    private static let shortLength = 3
    /// Where there is no agent that counts, longer calls have no number of messages.
    private static let longLength = 5

    /// Both numbers.
    static let all = "%FILTER_STATE(\(state):PLAIN)%"

    /// Both numbers, or nothing where they are too long.
    static func counts(ofLongCalls hasLongCalls: Bool) -> String {
        let length = hasLongCalls ? longLength : shortLength
        return "%CEL(size(filter_state['\(state)']) <= \(length) ? filter_state['\(state)'] : '')%"
    }

    /// Calls that Envoy does not count: the agent is told of them.
    static func areLong() throws -> Envoy_Config_Accesslog_V3_AccessLogFilter {
        try .with {
            $0.extensionFilter.name = "envoy.access_loggers.extension_filters.cel"
            $0.extensionFilter.typedConfig = try .init(
                packing: Envoy_Extensions_AccessLoggers_Filters_Cel_V3_ExpressionFilter.with {
                    $0.expression = "size(filter_state['\(state)']) > \(shortLength)"
                })
        }
    }
}
