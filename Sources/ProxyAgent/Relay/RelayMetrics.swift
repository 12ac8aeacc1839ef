package import Metrics

/// Istio's metrics of an agent's relay.
package struct RelayMetrics: Sendable {
    /// What backends can be told that swift-metrics cannot say.
    package static let descriptions: [(name: String, help: String, buckets: [Double]?)] = [
        ("istiod_connection_failures", "Connections to the control plane that failed.", nil),
        ("istiod_connection_terminations", "Connections to the control plane that ended.", nil),
        ("envoy_connection_terminations", "Streams that the proxy ended.", nil),
        ("xds_proxy_requests", "Requests of the proxy.", nil),
        ("xds_proxy_responses", "Responses to the proxy.", nil),
    ]

    let connectionFailures: Counter
    let connectionTerminations: Counter
    let proxyTerminations: Counter
    let requests: Counter
    let responses: Counter

    /// Metrics of this backend; by default the program's.
    package init(_ factory: any MetricsFactory = MetricsSystem.factory) {
        connectionFailures = Counter(label: "istiod_connection_failures", factory: factory)
        connectionTerminations = Counter(label: "istiod_connection_terminations", factory: factory)
        proxyTerminations = Counter(label: "envoy_connection_terminations", factory: factory)
        requests = Counter(label: "xds_proxy_requests", factory: factory)
        responses = Counter(label: "xds_proxy_responses", factory: factory)
    }
}
