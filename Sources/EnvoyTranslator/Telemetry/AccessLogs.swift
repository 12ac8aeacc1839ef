import EnvoyAPI
import KubernetesModel
import MeshModel
import SwiftProtobuf

extension [AccessLogSink] {
    /// Of requests and connections.
    func entries(isTCP: Bool = false) throws -> [Envoy_Config_Accesslog_V3_AccessLog] {
        try filter { $0.fits(isTCP: isTCP) }.map { try $0.entry() }
    }

    /// Of connections for which a listener has no filter chain.
    func listenerEntries() throws -> [Envoy_Config_Accesslog_V3_AccessLog] {
        try filter { $0.fits(isTCP: true) }.map { sink in
            var entry = try sink.entry()
            let noRoute: Envoy_Config_Accesslog_V3_AccessLogFilter = .with { $0.responseFlagFilter.flags = ["NR"] }
            entry.limit(to: noRoute)
            return entry
        }
    }
}

extension AccessLogSink {
    /// Envoy's own services are of requests or of connections.
    fileprivate func fits(isTCP: Bool) -> Bool {
        switch kind {
        case .file, .openTelemetry: true
        case .httpService: !isTCP
        case .tcpService: isTCP
        }
    }

    fileprivate func entry() throws -> Envoy_Config_Accesslog_V3_AccessLog {
        try .with {
            switch kind {
            case .file(let path):
                $0.name = "envoy.access_loggers.file"
                $0.typedConfig = try .init(packing: fileLog(path))
            case .httpService(let log):
                $0.name = "envoy.access_loggers.http_grpc"
                $0.typedConfig = try .init(
                    packing: Envoy_Extensions_AccessLoggers_Grpc_V3_HttpGrpcAccessLogConfig.with {
                        $0.commonConfig = log.common
                        $0.additionalRequestHeadersToLog = log.requestHeaders
                        $0.additionalResponseHeadersToLog = log.responseHeaders
                        $0.additionalResponseTrailersToLog = log.responseTrailers
                    })
            case .tcpService(let log):
                $0.name = "envoy.access_loggers.tcp_grpc"
                $0.typedConfig = try .init(
                    packing: Envoy_Extensions_AccessLoggers_Grpc_V3_TcpGrpcAccessLogConfig.with {
                        $0.commonConfig = log.common
                    })
            case .openTelemetry(let log):
                $0.name = "envoy.access_loggers.open_telemetry"
                $0.typedConfig = try .init(packing: openTelemetryLog(log))
            }
            if !filter.isEmpty {
                $0.filter.extensionFilter = try .with {
                    $0.name = "envoy.access_loggers.extension_filters.cel"
                    $0.typedConfig = try .init(
                        packing: Envoy_Extensions_AccessLoggers_Filters_Cel_V3_ExpressionFilter.with {
                            $0.expression = filter
                        })
                }
            }
        }
    }

    private func fileLog(_ path: String) -> Envoy_Extensions_AccessLoggers_File_V3_FileAccessLog {
        .with {
            $0.path = path
            switch format {
            case .standard(.text): $0.logFormat.textFormatSource.inlineString = StandardLogFormat.text
            case .text(let text):
                $0.logFormat.textFormatSource.inlineString = text.hasSuffix("\n") ? text : text + "\n"
            case .standard(.json): $0.logFormat.jsonFormat = StandardLogFormat.json
            case .json(let fields):
                $0.logFormat.jsonFormat =
                    (try? Google_Protobuf_Struct(jsonString: fields.jsonText)) ?? StandardLogFormat.json
            }
            if omitsEmptyValues { $0.logFormat.omitEmptyValues = true }
        }
    }

    private func openTelemetryLog(
        _ log: RemoteLog
    ) -> Envoy_Extensions_AccessLoggers_OpenTelemetry_V3_OpenTelemetryAccessLogConfig {
        .with {
            $0.commonConfig = log.common
            $0.disableBuiltinLabels = true
            switch format {
            case .text(let text): $0.body.stringValue = text
            case .json(let fields):
                $0.attributes.values = (fields.object ?? [:]).sorted { $0.key < $1.key }.map { key, value in
                    .with {
                        $0.key = key
                        $0.value.stringValue = value.string ?? value.jsonText
                    }
                }
            case .standard: $0.body.stringValue = StandardLogFormat.text
            }
        }
    }
}

extension AccessLogSink.RemoteLog {
    fileprivate var common: Envoy_Extensions_AccessLoggers_Grpc_V3_CommonGrpcAccessLogConfig {
        .with {
            $0.logName = name
            $0.transportApiVersion = .v3
            $0.filterStateObjectsToLog = filterStateObjects
            $0.grpcService.envoyGrpc.clusterName = ClusterNames.outbound(port: port, host: host)
        }
    }
}

/// The formats of logs for which nothing else is said.
enum StandardLogFormat {
    static let text =
        [
            "[%START_TIME%]", #""%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%""#, "%RESPONSE_CODE%",
            "%RESPONSE_FLAGS%", "%RESPONSE_CODE_DETAILS%", "%CONNECTION_TERMINATION_DETAILS%",
            #""%UPSTREAM_TRANSPORT_FAILURE_REASON%""#, "%BYTES_RECEIVED%", "%BYTES_SENT%", "%DURATION%",
            "%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%", #""%REQ(X-FORWARDED-FOR)%""#, #""%REQ(USER-AGENT)%""#,
            #""%REQ(X-REQUEST-ID)%""#, #""%REQ(:AUTHORITY)%""#, #""%UPSTREAM_HOST%""#, "%UPSTREAM_CLUSTER_RAW%",
            "%UPSTREAM_LOCAL_ADDRESS%", "%DOWNSTREAM_LOCAL_ADDRESS%", "%DOWNSTREAM_REMOTE_ADDRESS%",
            "%REQUESTED_SERVER_NAME%", "%ROUTE_NAME%",
        ].joined(separator: " ") + "\n"

    static let json: Google_Protobuf_Struct = [
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
