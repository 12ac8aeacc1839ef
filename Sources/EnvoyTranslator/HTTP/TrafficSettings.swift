package import MeshModel

/// Settings that all connection managers and TCP proxies of a proxy share.
package struct TrafficSettings: Hashable, Sendable {
    package var accessLogs: [AccessLogSink]
    /// Connections for which a listener has no filter chain are logged too.
    package var logsListeners: Bool
    package var tracing: TracingPolicy
    /// Nil: nothing is counted.
    package var metrics: MetricsPolicy?
    /// Connections are told to the agent, which counts them.
    package var hasConnectionLog: Bool
    /// Requests by clients that have not said what they are called are told to the agent, which counts them.
    package var hasRequestLog: Bool
    /// Workloads tell each other what they are called.
    package var exchangesNames: Bool
    package var extensions: ExtensionFilters
    /// Routes may ask for the endpoint that a client has been served by.
    package var keepsSessions: Bool
    package var pathNormalization: PathNormalization
    /// What is spoken with these is looked into.
    package var stores: Set<StoreProtocol>
    /// HTTP/1.0 is served too.
    package var acceptsHTTP10: Bool
    /// How long the first bytes of a connection are waited for, where they decide; zero waits on.
    package var detectionTimeout: Duration
    /// Of routes.
    package var source: ConfigSources.Source

    /// - Parameters:
    ///   - telemetry: Nil: as the mesh settings say.
    ///   - capabilities: Whether the proxy can count as metrics want it, and where connections are counted.
    package init(
        mesh: MeshSettings = .init(), telemetry: EffectiveTelemetry? = nil,
        capabilities: ProxyCapabilities = ProxyCapabilities(), extensions: ExtensionFilters = ExtensionFilters(),
        acceptsHTTP10: Bool = false,
        source: ConfigSources.Source = .ads
    ) {
        let telemetry = telemetry ?? EffectiveTelemetry(mesh)
        accessLogs = telemetry.accessLogs
        logsListeners = mesh.accessLog.logsListeners
        tracing = telemetry.tracing
        metrics = capabilities.countsTraffic ? telemetry.metrics : nil
        hasConnectionLog = metrics != nil && capabilities.hasConnectionLog
        hasRequestLog = metrics != nil && capabilities.hasRequestLog
        exchangesNames = capabilities.countsTraffic && telemetry.exchangesNames
        self.extensions = extensions
        pathNormalization = mesh.pathNormalization
        stores = mesh.stores
        self.acceptsHTTP10 = acceptsHTTP10 || mesh.acceptsHTTP10
        keepsSessions = mesh.keepsSessions
        detectionTimeout = mesh.protocolDetectionTimeout
        self.source = source
    }
}

extension TrafficSettings {
    /// As which HTTP without TLS shows that is served.
    var plainHTTP: [String] {
        (acceptsHTTP10 ? [ApplicationProtocols.plainHTTP10] : []) + ApplicationProtocols.plainHTTP
    }
}
