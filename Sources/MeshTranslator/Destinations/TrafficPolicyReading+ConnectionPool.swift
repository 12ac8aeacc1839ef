import KubernetesModel
import MeshModel

extension TrafficPolicyReading {
    /// Reads `connectionPool`, of clients or of a workload itself.
    mutating func connectionPool(_ json: JSONValue?, at path: String) -> ConnectionPool? {
        guard let json, let fields = json.object else { return nil }
        if fields.isEmpty { report(path, "is empty, and must say something") }
        var pool = ConnectionPool()
        readTCP(json["tcp"] ?? .null, at: "\(path).tcp", into: &pool)
        readHTTP(json["http"] ?? .null, at: "\(path).http", into: &pool)
        return pool
    }

    private mutating func readTCP(_ json: JSONValue, at path: String, into pool: inout ConnectionPool) {
        pool.maxConnections = limit("maxConnections", of: json, at: path)
        pool.connectTimeout = duration("connectTimeout", of: json)
        pool.maxConnectionDuration = duration("maxConnectionDuration", of: json)
        pool.tcpIdleTimeout = duration("idleTimeout", of: json)
        guard let keepalive = json["tcpKeepalive"], keepalive.object != nil else { return }
        pool.keepalive = TCPKeepalive(
            time: duration("time", of: keepalive), interval: duration("interval", of: keepalive),
            probes: limit("probes", of: keepalive, at: "\(path).tcpKeepalive"))
    }

    private mutating func readHTTP(_ json: JSONValue, at path: String, into pool: inout ConnectionPool) {
        pool.maxPendingRequests = limit("http1MaxPendingRequests", of: json, at: path)
        pool.maxRequests = limit("http2MaxRequests", of: json, at: path)
        pool.maxRequestsPerConnection = limit("maxRequestsPerConnection", of: json, at: path)
        pool.maxRetries = limit("maxRetries", of: json, at: path)
        pool.httpIdleTimeout = duration("idleTimeout", of: json)
        pool.usesClientProtocol = json["useClientProtocol"]?.bool ?? false
        pool.maxConcurrentStreams = limit("maxConcurrentStreams", of: json, at: path)
        switch json["h2UpgradePolicy"]?.string {
        case "UPGRADE": pool.upgrade = .always
        case "DO_NOT_UPGRADE": pool.upgrade = .never
        default: break
        }
        if pool.usesClientProtocol, pool.upgrade == .always {
            report("\(path).useClientProtocol", "cannot be used beside h2UpgradePolicy: UPGRADE")
        }
        guard let pings = json["http2KeepAlive"], pings.object != nil else { return }
        pool.pings = PingSettings(
            interval: duration("interval", of: pings), timeout: duration("timeout", of: pings))
    }
}
