import KubernetesModel
package import MeshModel

/// Settings that all connection managers and TCP proxies of a proxy share.
package struct TrafficSettings: Hashable, Sendable {
    package var accessLog: AccessLogSettings
    package var pathNormalization: PathNormalization
    /// Share of requests that are traced, in percent, unless their caller decided.
    package var tracedPercentage: Double
    /// HTTP/1.0 is served too.
    package var acceptsHTTP10: Bool
    /// How long the first bytes of a connection are waited for, where they decide; zero waits on.
    package var detectionTimeout: Duration
    /// Of routes.
    package var source: ConfigSources.Source

    package init(mesh: MeshSettings = .init(), acceptsHTTP10: Bool = false, source: ConfigSources.Source = .ads) {
        accessLog = mesh.accessLog
        pathNormalization = mesh.pathNormalization
        tracedPercentage = mesh.proxyDefaults.tracing?["sampling"]?.percentage ?? 1
        self.acceptsHTTP10 = acceptsHTTP10
        detectionTimeout = mesh.protocolDetectionTimeout
        self.source = source
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
