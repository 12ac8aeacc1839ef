package import MeshModel

/// Settings that all connection managers and TCP proxies of a proxy share.
package struct TrafficSettings: Hashable, Sendable {
    package var accessLogs: [AccessLogSink]
    /// Connections for which a listener has no filter chain are logged too.
    package var logsListeners: Bool
    package var tracing: TracingPolicy
    /// Nil: nothing is counted.
    package var metrics: MetricsPolicy?
    /// Workloads tell each other what they are called.
    package var exchangesNames: Bool
    package var extensions: ExtensionFilters
    /// Routes may ask for the endpoint that a client has been served by.
    package var keepsSessions: Bool
    package var pathNormalization: PathNormalization
    /// HTTP/1.0 is served too.
    package var acceptsHTTP10: Bool
    /// How long the first bytes of a connection are waited for, where they decide; zero waits on.
    package var detectionTimeout: Duration
    /// Of routes.
    package var source: ConfigSources.Source

    /// - Parameters:
    ///   - telemetry: Nil: as the mesh settings say.
    ///   - isMeasured: The proxy can count as metrics want it.
    package init(
        mesh: MeshSettings = .init(), telemetry: EffectiveTelemetry? = nil,
        isMeasured: Bool = true, extensions: ExtensionFilters = ExtensionFilters(), acceptsHTTP10: Bool = false,
        source: ConfigSources.Source = .ads
    ) {
        let telemetry = telemetry ?? EffectiveTelemetry(mesh)
        accessLogs = telemetry.accessLogs
        logsListeners = mesh.accessLog.logsListeners
        tracing = telemetry.tracing
        metrics = isMeasured ? telemetry.metrics : nil
        exchangesNames = isMeasured && telemetry.exchangesNames
        self.extensions = extensions
        pathNormalization = mesh.pathNormalization
        self.acceptsHTTP10 = acceptsHTTP10
        keepsSessions = mesh.keepsSessions
        detectionTimeout = mesh.protocolDetectionTimeout
        self.source = source
    }
}
