/// What is told about the traffic of workloads: access logs, metrics and traces.
package struct Telemetry: Hashable, Sendable {
    package var origin: ConfigurationOrigin
    package var target: PolicyTarget
    /// In the order in which they are written.
    package var accessLogging: [AccessLoggingRule]
    package var tracing: [TracingRule]
    package var metrics: [MetricsRule]

    package init(
        origin: ConfigurationOrigin, target: PolicyTarget = .workloads([:]), accessLogging: [AccessLoggingRule] = [],
        tracing: [TracingRule] = [], metrics: [MetricsRule] = []
    ) {
        self.origin = origin
        self.target = target
        self.accessLogging = accessLogging
        self.tracing = tracing
        self.metrics = metrics
    }
}

/// From which side a proxy sees traffic.
package enum TrafficSide: Hashable, Sendable, CaseIterable {
    /// It calls, as gateways do too.
    case client
    /// It is called.
    case server
}

/// Where and whether traffic is logged.
package struct AccessLoggingRule: Hashable, Sendable {
    package var sides: Set<TrafficSide>
    /// Names of extension providers; empty: those that are used otherwise.
    package var providers: [String]
    package var isDisabled: Bool
    /// A CEL expression of what is logged; empty for all.
    package var filter: String

    package init(
        sides: Set<TrafficSide> = Set(TrafficSide.allCases), providers: [String] = [], isDisabled: Bool = false,
        filter: String = ""
    ) {
        self.sides = sides
        self.providers = providers
        self.isDisabled = isDisabled
        self.filter = filter
    }
}

/// Which requests are traced, and where spans go. What is nil stays as it is otherwise.
package struct TracingRule: Hashable, Sendable {
    package var sides = Set(TrafficSide.allCases)
    package var providers: [String] = []
    /// In percent.
    package var sampling: Double?
    package var isDisabled: Bool?
    package var tags: [String: TraceTag] = [:]
    /// Spans name the workload.
    package var namesWorkload: Bool?
    package var usesRequestID: Bool?
    /// Requests go on without a word of the trace that they belong to.
    package var hidesContext: Bool?

    package init() {}
}

/// A tag of spans.
package enum TraceTag: Hashable, Sendable {
    case literal(String)
    /// A variable of the proxy's environment.
    case environment(String, otherwise: String)
    case header(String, otherwise: String)
    /// In the language of access logs.
    case format(String)
}
