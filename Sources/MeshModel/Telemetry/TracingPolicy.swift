import KubernetesModel

/// Which requests are traced, and where spans go.
package struct TracingPolicy: Hashable, Sendable {
    package enum Provider: Hashable, Sendable {
        case zipkin(Collector, path: String, is128Bit: Bool)
        case openTelemetry(Collector, http: HTTPExport?)
        case datadog(Collector)
        case skyWalking(Collector, token: String)
    }

    /// A service that spans are sent to.
    package struct Collector: Hashable, Sendable {
        package var host: String
        package var port: Int
        /// Longest value of a tag, in bytes.
        package var maximumTagLength: Int?

        package init(host: String, port: Int, maximumTagLength: Int? = nil) {
            self.host = host
            self.port = port
            self.maximumTagLength = maximumTagLength
        }
    }

    /// How spans travel over HTTP; gRPC otherwise.
    package struct HTTPExport: Hashable, Sendable {
        package var path: String
        package var timeout: Duration?
        package var headers: [String: String]

        package init(path: String, timeout: Duration? = nil, headers: [String: String] = [:]) {
            self.path = path
            self.timeout = timeout
            self.headers = headers
        }
    }

    /// Nil: whatever the bootstrap names.
    package var provider: Provider?
    /// Share of requests that are traced unless their caller decided, in percent.
    package var sampling: Double
    package var isDisabled = false
    package var tags: [String: TraceTag] = [:]
    package var usesRequestID = true
    /// Requests go on without a word of the trace that they belong to.
    package var hidesContext = false
    /// What spans call the workload where a tracer has no other name for it.
    package var serviceName = ""

    package init(sampling: Double = 1) { self.sampling = sampling }
}

/// What is told about one side of a workload's traffic.
package struct EffectiveTelemetry: Hashable, Sendable {
    package var accessLogs: [AccessLogSink]
    package var tracing: TracingPolicy
    /// What is measured; nil: nothing.
    package var metrics: MetricsPolicy?
    /// Workloads tell each other what they are called.
    package var exchangesNames: Bool

    package init(
        accessLogs: [AccessLogSink], tracing: TracingPolicy, metrics: MetricsPolicy? = nil, exchangesNames: Bool = false
    ) {
        self.accessLogs = accessLogs
        self.tracing = tracing
        self.metrics = metrics
        self.exchangesNames = exchangesNames
    }

    /// What mesh settings say, without any Telemetry.
    package init(_ mesh: MeshSettings) {
        self.init(
            accessLogs: mesh.accessLog.sinks,
            tracing: TracingPolicy(sampling: mesh.proxyDefaults.tracing?["sampling"]?.percentage ?? 1),
            metrics: mesh.metricsPolicy, exchangesNames: mesh.metricsPolicy != nil)
    }
}

extension JSONValue {
    fileprivate var percentage: Double? {
        switch self {
        case .double(let value): value
        case .integer(let value): Double(value)
        default: nil
        }
    }
}
