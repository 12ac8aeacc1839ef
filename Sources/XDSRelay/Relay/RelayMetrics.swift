import GRPCCore
package import Metrics

/// Istio's metrics of an agent's relay.
package struct RelayMetrics: Sendable {
    /// What backends can be told that swift-metrics cannot say.
    package static let descriptions: [(name: String, help: String, buckets: [Double]?)] = [
        ("istiod_connection_failures", "Connections to the control plane that did not come about.", nil),
        ("istiod_connection_terminations", "Connections to the control plane that ended, by how.", nil),
        ("envoy_connection_terminations", "Streams of the proxy that ended, by how.", nil),
        ("xds_proxy_requests", "Requests of the proxy.", nil),
        ("xds_proxy_responses", "Responses to the proxy.", nil),
    ]

    /// How a stream has ended.
    enum End: String, Hashable, Sendable {
        /// As streams end: the other side has closed it, or is gone, or nobody wants it any more.
        case cancelled
        /// One side has refused to go on.
        case error

        init(_ error: (any Error)?) {
            switch error {
            case nil, is CancellationError: self = .cancelled
            case let error as RPCError where Self.ordinary.contains(error.code): self = .cancelled
            default: self = .error
            }
        }

        private static let ordinary: Set<RPCError.Code> = [.cancelled, .unavailable, .deadlineExceeded]
    }

    /// By how they ended.
    private struct Ends: Sendable {
        let cancelled: Counter
        let error: Counter

        init(_ label: String, _ factory: any MetricsFactory) {
            cancelled = Counter(label: label, dimensions: [("type", End.cancelled.rawValue)], factory: factory)
            error = Counter(label: label, dimensions: [("type", End.error.rawValue)], factory: factory)
        }

        func count(_ end: End) {
            switch end {
            case .cancelled: cancelled.increment()
            case .error: error.increment()
            }
        }
    }

    let connectionFailures: Counter
    let requests: Counter
    let responses: Counter
    private let connections: Ends
    private let proxies: Ends

    /// Metrics of this backend; by default the program's.
    package init(_ factory: any MetricsFactory = MetricsSystem.factory) {
        connectionFailures = Counter(label: "istiod_connection_failures", factory: factory)
        requests = Counter(label: "xds_proxy_requests", factory: factory)
        responses = Counter(label: "xds_proxy_responses", factory: factory)
        connections = Ends("istiod_connection_terminations", factory)
        proxies = Ends("envoy_connection_terminations", factory)
    }

    func connectionEnded(_ end: End) { connections.count(end) }

    func proxyEnded(_ end: End) { proxies.count(end) }
}
