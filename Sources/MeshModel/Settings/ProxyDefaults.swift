package import KubernetesModel

/// Settings of all proxies that matter to what they are sent (`defaultConfig`). Those a proxy was started with come
/// with its metadata and win.
package struct ProxyDefaults: Hashable, Sendable {
    package var interceptionMode = InterceptionMode.redirect
    package var discoveryAddress = ""
    package var drainDuration = Duration.seconds(45)
    package var terminationDrainDuration = Duration.seconds(5)
    /// How many proxies in front of a gateway are trusted to name the client.
    package var trustedProxies = 0
    /// As MeshConfig writes them; nil if they are not set.
    package var tracing: JSONValue?
    package var gatewayTopology: JSONValue?
    package var proxyHeaders: JSONValue?
    /// Environment of the agent, of which some switches reach translation, such as `ISTIO_META_DNS_CAPTURE`.
    package var proxyMetadata: [String: String] = [:]

    package init() {}
}

/// How connections get to a sidecar.
package enum InterceptionMode: String, Hashable, Sendable {
    case redirect = "REDIRECT"
    case tproxy = "TPROXY"
    case none = "NONE"
}
