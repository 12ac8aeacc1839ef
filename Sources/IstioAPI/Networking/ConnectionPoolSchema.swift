internal import KubernetesModel

extension Schema {
    /// How many connections and requests there may be, of clients to a service or of peers to a workload.
    static let connectionPool = object(
        [
            Field("tcp", tcpPool, "Limits of connections, of HTTP and others."),
            Field("http", httpPool, "Limits of HTTP and gRPC requests."),
        ], unknown: .dropped)

    private static let tcpPool = object(
        [
            Field("maxConnections", int32, "Connections that may be open at once. Default: no limit."),
            Field("connectTimeout", duration, "Time that opening a connection may take. Default: 10s."),
            Field("tcpKeepalive", tcpKeepalive, "Probes that find out whether the other side still lives."),
            Field("maxConnectionDuration", duration, "Time after which a connection is closed. Default: no limit."),
            Field("idleTimeout", durationOrNone, "Time without traffic until TCP closes; 0s never. Default: 1h."),
        ], unknown: .dropped)

    private static let tcpKeepalive = object(
        [
            Field("probes", uint32, "Unanswered probes after which the connection is dead."),
            Field("time", duration, "Time without traffic until the first probe."),
            Field("interval", duration, "Time between probes."),
        ], unknown: .dropped)

    private static let httpPool = object(
        [
            Field("http1MaxPendingRequests", int32, "Requests that may wait for a connection. Default: no limit."),
            Field("http2MaxRequests", int32, "Requests that may be under way at once. Default: no limit."),
            Field("maxRequestsPerConnection", int32, "Requests after which a connection is closed; 1: no keep-alive."),
            Field("maxRetries", int32, "Retries that may be under way at once. Default: no limit."),
            Field("idleTimeout", duration, "Time without requests until a connection is closed. Default: 1h."),
            Field(
                "h2UpgradePolicy", oneOf("DEFAULT", "DO_NOT_UPGRADE", "UPGRADE"),
                "Whether HTTP/1.1 requests are passed on by HTTP/2. Default: as the mesh is configured."),
            Field("useClientProtocol", boolean, "Whether requests are passed on by the protocol that they came in."),
            Field("maxConcurrentStreams", int32, "Requests at once on one HTTP/2 connection."),
            Field("http2KeepAlive", http2KeepAlive, "Pings that find out whether the other side still lives."),
        ], unknown: .dropped)

    private static let http2KeepAlive = object(
        [
            Field("interval", duration, "Time between pings."),
            Field("timeout", duration, "Time that the answer to a ping may take."),
        ], unknown: .dropped)
}
