import EnvoyAPI
import MeshModel
import SwiftProtobuf

extension AccessLogSettings {
    /// Of requests and connections; nothing if no file is named.
    func entries() throws -> [Envoy_Config_Accesslog_V3_AccessLog] {
        file.isEmpty ? [] : [try entry()]
    }

    /// Of connections for which a listener has no filter chain.
    func listenerEntries() throws -> [Envoy_Config_Accesslog_V3_AccessLog] {
        guard logsListeners, !file.isEmpty else { return [] }
        var entry = try entry()
        entry.filter.responseFlagFilter.flags = ["NR"]
        return [entry]
    }

    private func entry() throws -> Envoy_Config_Accesslog_V3_AccessLog {
        let log: Envoy_Extensions_AccessLoggers_File_V3_FileAccessLog = .with {
            $0.path = file
            switch encoding {
            case .text:
                $0.logFormat.textFormatSource.inlineString = format.isEmpty ? Self.textFormat : format
            case .json:
                // Whoever reads MeshConfig says that a format is no JSON object; here the built-in one takes its place.
                $0.logFormat.jsonFormat = (try? Google_Protobuf_Struct(jsonString: format)) ?? Self.jsonFormat
            }
        }
        return try .with {
            $0.name = "envoy.access_loggers.file"
            $0.typedConfig = try .init(packing: log)
        }
    }

    private static let textFormat =
        [
            "[%START_TIME%]", #""%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%""#, "%RESPONSE_CODE%",
            "%RESPONSE_FLAGS%", "%RESPONSE_CODE_DETAILS%", "%CONNECTION_TERMINATION_DETAILS%",
            #""%UPSTREAM_TRANSPORT_FAILURE_REASON%""#, "%BYTES_RECEIVED%", "%BYTES_SENT%", "%DURATION%",
            "%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%", #""%REQ(X-FORWARDED-FOR)%""#, #""%REQ(USER-AGENT)%""#,
            #""%REQ(X-REQUEST-ID)%""#, #""%REQ(:AUTHORITY)%""#, #""%UPSTREAM_HOST%""#, "%UPSTREAM_CLUSTER_RAW%",
            "%UPSTREAM_LOCAL_ADDRESS%", "%DOWNSTREAM_LOCAL_ADDRESS%", "%DOWNSTREAM_REMOTE_ADDRESS%",
            "%REQUESTED_SERVER_NAME%", "%ROUTE_NAME%",
        ].joined(separator: " ") + "\n"

    private static let jsonFormat: Google_Protobuf_Struct = [
        "start_time": "%START_TIME%",
        "route_name": "%ROUTE_NAME%",
        "method": "%REQ(:METHOD)%",
        "path": "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%",
        "protocol": "%PROTOCOL%",
        "response_code": "%RESPONSE_CODE%",
        "response_flags": "%RESPONSE_FLAGS%",
        "response_code_details": "%RESPONSE_CODE_DETAILS%",
        "connection_termination_details": "%CONNECTION_TERMINATION_DETAILS%",
        "bytes_received": "%BYTES_RECEIVED%",
        "bytes_sent": "%BYTES_SENT%",
        "duration": "%DURATION%",
        "upstream_service_time": "%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%",
        "x_forwarded_for": "%REQ(X-FORWARDED-FOR)%",
        "user_agent": "%REQ(USER-AGENT)%",
        "request_id": "%REQ(X-REQUEST-ID)%",
        "authority": "%REQ(:AUTHORITY)%",
        "upstream_host": "%UPSTREAM_HOST%",
        "upstream_cluster": "%UPSTREAM_CLUSTER_RAW%",
        "upstream_local_address": "%UPSTREAM_LOCAL_ADDRESS%",
        "downstream_local_address": "%DOWNSTREAM_LOCAL_ADDRESS%",
        "downstream_remote_address": "%DOWNSTREAM_REMOTE_ADDRESS%",
        "requested_server_name": "%REQUESTED_SERVER_NAME%",
        "upstream_transport_failure_reason": "%UPSTREAM_TRANSPORT_FAILURE_REASON%",
    ]
}
