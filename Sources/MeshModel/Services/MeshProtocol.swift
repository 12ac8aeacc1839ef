/// What is spoken on a port, as far as proxies treat it differently.
package enum MeshProtocol: String, Hashable, Sendable, CaseIterable {
    case http
    case http2
    case grpc
    case grpcWeb = "grpc-web"
    case https
    case tls
    case tcp
    case udp
    case mongo
    case mysql
    case redis
    /// An HTTP proxy: requests may name any host.
    case httpProxy = "http_proxy"
    /// Not said: the proxy looks at the first bytes of each connection.
    case auto
    /// A transport that no proxy carries, such as SCTP.
    case unsupported

    /// Whether requests are seen and routed.
    package var isHTTP: Bool {
        switch self {
        case .http, .http2, .grpc, .grpcWeb, .httpProxy: true
        default: false
        }
    }

    /// Whether requests travel as HTTP/2.
    package var isHTTP2: Bool { self == .http2 || self == .grpc || self == .grpcWeb }

    /// Whether the application itself encrypts: all that is seen is the name a client asks for.
    package var isTLS: Bool { self == .https || self == .tls }

    /// Whether connections are passed on without a look at requests.
    package var isTCP: Bool {
        switch self {
        case .tcp, .tls, .https, .mongo, .mysql, .redis: true
        default: false
        }
    }

    /// Whether the proxy has to find out.
    package var isSniffed: Bool { self == .auto }
}
