import EnvoyAPI
import MeshModel
import SwiftProtobuf

extension ConnectionManager {
    /// Traces requests as a policy says.
    mutating func trace(_ policy: TracingPolicy) throws {
        requestIDExtension.typedConfig = try .init(
            packing: Envoy_Extensions_RequestId_Uuid_V3_UuidRequestIdConfig.with {
                $0.useRequestIDForTraceSampling = .init(policy.usesRequestID)
            })
        guard !policy.isDisabled else { return }
        tracing = try .with {
            $0.clientSampling = .init(100)
            $0.randomSampling = .init(policy.sampling)
            $0.overallSampling = .init(100)
            $0.noContextPropagation = policy.hidesContext
            $0.customTags = policy.tags.sorted { $0.key < $1.key }.map { .init($0.key, $0.value) }
            guard let provider = policy.provider else { return }
            if let limit = provider.collector.maximumTagLength { $0.maxPathTagLength = .init(limit) }
            $0.provider = try .init(provider, service: policy.serviceName)
        }
    }
}

extension Envoy_Type_Tracing_V3_CustomTag {
    fileprivate init(_ name: String, _ tag: TraceTag) {
        self.init()
        self.tag = name
        switch tag {
        case .literal(let value): literal.value = value
        case .environment(let variable, let otherwise):
            environment.name = variable
            environment.defaultValue = otherwise
        case .header(let header, let otherwise):
            requestHeader.name = header
            requestHeader.defaultValue = otherwise
        case .format(let format): value = format
        }
    }
}

extension TracingPolicy.Provider {
    fileprivate var collector: TracingPolicy.Collector {
        switch self {
        case .zipkin(let collector, _, _), .openTelemetry(let collector, _), .datadog(let collector),
            .skyWalking(let collector, _):
            collector
        }
    }
}

extension TracingPolicy.Collector {
    fileprivate var cluster: String { ClusterNames.outbound(port: port, host: host) }
}

extension Envoy_Config_Trace_V3_Tracing.Http {
    fileprivate init(_ provider: TracingPolicy.Provider, service: String) throws {
        self.init()
        switch provider {
        case .zipkin(let collector, let path, let is128Bit):
            name = "envoy.tracers.zipkin"
            typedConfig = try .init(
                packing: Envoy_Config_Trace_V3_ZipkinConfig.with {
                    $0.collectorCluster = collector.cluster
                    $0.collectorHostname = collector.host
                    $0.collectorEndpoint = path
                    $0.collectorEndpointVersion = .httpJson
                    $0.traceID128Bit = is128Bit
                    $0.sharedSpanContext = false
                })
        case .openTelemetry(let collector, let http):
            name = "envoy.tracers.opentelemetry"
            typedConfig = try .init(
                packing: Envoy_Config_Trace_V3_OpenTelemetryConfig.with {
                    $0.serviceName = service
                    if let http {
                        $0.httpService = .init(http, collector)
                    } else {
                        $0.grpcService.envoyGrpc.clusterName = collector.cluster
                        $0.grpcService.envoyGrpc.authority = collector.host
                    }
                })
        case .datadog(let collector):
            name = "envoy.tracers.datadog"
            typedConfig = try .init(
                packing: Envoy_Config_Trace_V3_DatadogConfig.with {
                    $0.collectorCluster = collector.cluster
                    $0.collectorHostname = collector.host
                    $0.serviceName = service
                })
        case .skyWalking(let collector, let token):
            name = "envoy.tracers.skywalking"
            typedConfig = try .init(
                packing: Envoy_Config_Trace_V3_SkyWalkingConfig.with {
                    $0.grpcService.envoyGrpc.clusterName = collector.cluster
                    $0.grpcService.envoyGrpc.authority = collector.host
                    $0.clientConfig.serviceName = service
                    if !token.isEmpty { $0.clientConfig.backendToken = token }
                })
        }
    }
}

extension Envoy_Config_Core_V3_HttpService {
    fileprivate init(_ http: TracingPolicy.HTTPExport, _ collector: TracingPolicy.Collector) {
        self.init()
        httpUri = .with {
            $0.uri = "http://\(collector.host)\(http.path.hasPrefix("/") ? "" : "/")\(http.path)"
            $0.cluster = collector.cluster
            $0.timeout = .init(http.timeout ?? .seconds(10))
        }
        requestHeadersToAdd = http.headers.sorted { $0.key < $1.key }.map { name, value in
            .with {
                $0.header.key = name
                $0.header.value = value
                $0.appendAction = .overwriteIfExistsOrAdd
            }
        }
    }
}
