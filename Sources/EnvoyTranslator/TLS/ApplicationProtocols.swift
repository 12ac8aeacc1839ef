/// What clients of the mesh offer as ALPN, and servers tell connections by.
enum ApplicationProtocols {
    /// Offered ahead of what is really negotiated, so that a server knows a mesh client and what it speaks.
    static let tcp = ["istio"]
    static let http1 = ["istio-http/1.1", "istio", "http/1.1"]
    static let http2 = ["istio-h2", "istio", "h2"]
    /// HTTP of a version that the connection does not know yet: none is negotiated, and the server looks.
    static let anyHTTP = ["istio-http/1.1", "istio"]

    /// By which a server tells HTTP of mesh clients.
    static let meshHTTP = ["istio-http/1.0", "istio-http/1.1", "istio-h2"]
    /// By which a server tells TCP of mesh clients.
    static let meshTCP = ["istio-peer-exchange", "istio"]
    /// By which a server tells mesh clients, whatever they speak.
    static let mesh = ["istio", "istio-peer-exchange", "istio-http/1.0", "istio-http/1.1", "istio-h2"]
    /// As which HTTP without TLS shows.
    static let plainHTTP = ["http/1.1", "h2c"]
    /// As which HTTP/1.0 shows: where it is not served, nobody should take it for HTTP.
    static let plainHTTP10 = "http/1.0"
}
