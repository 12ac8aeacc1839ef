import EnvoyAPI
import SwiftProtobuf

extension Envoy_Config_Accesslog_V3_AccessLogFilter {
    /// Of one moment in the life of a connection.
    static func type(_ type: Envoy_Data_Accesslog_V3_AccessLogType) -> Self { types([type]) }

    /// Of some of the moments.
    static func types(_ types: [Envoy_Data_Accesslog_V3_AccessLogType]) -> Self {
        .with { $0.logTypeFilter.types = types }
    }

    /// Calls of gRPC.
    static let grpc: Self = .with {
        $0.headerFilter.header.name = "content-type"
        $0.headerFilter.header.stringMatch.prefix = "application/grpc"
    }

    /// What holds to all of the conditions, asked in this order; nil where there is none.
    static func all(_ conditions: [Self?]) -> Self? {
        let conditions = conditions.compactMap(\.self)
        guard conditions.count > 1 else { return conditions.first }
        return .with { $0.andFilter.filters = conditions }
    }
}
