package import MeshModel

/// Settings that all connection managers and TCP proxies of a proxy share.
package struct TrafficSettings: Hashable, Sendable {
    package var accessLogs: [AccessLogSink]
    /// Connections for which a listener has no filter chain are logged too.
    package var logsListeners: Bool
    package var tracing: TracingPolicy
    package var extensions: ExtensionFilters
    package var pathNormalization: PathNormalization
    /// HTTP/1.0 is served too.
    package var acceptsHTTP10: Bool
    /// How long the first bytes of a connection are waited for, where they decide; zero waits on.
    package var detectionTimeout: Duration
    /// Of routes.
    package var source: ConfigSources.Source

    /// - Parameter telemetry: Nil: as the mesh settings say.
    package init(
        mesh: MeshSettings = .init(), telemetry: EffectiveTelemetry? = nil,
        extensions: ExtensionFilters = ExtensionFilters(), acceptsHTTP10: Bool = false,
        source: ConfigSources.Source = .ads
    ) {
        let telemetry = telemetry ?? EffectiveTelemetry(mesh)
        accessLogs = telemetry.accessLogs
        logsListeners = mesh.accessLog.logsListeners
        tracing = telemetry.tracing
        self.extensions = extensions
        pathNormalization = mesh.pathNormalization
        self.acceptsHTTP10 = acceptsHTTP10
        detectionTimeout = mesh.protocolDetectionTimeout
        self.source = source
    }
}
