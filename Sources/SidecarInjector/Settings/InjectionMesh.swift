import KubernetesModel

/// What an injection asks of the MeshConfig.
struct InjectionMesh: Sendable {
    var json: JSONValue
    var trustDomain: String
    var mergesPrometheus: Bool
    /// Sidecars call their workload on the loopback, not at the address that was called.
    var callsLocalhost: Bool
    var listenPort: Int64
    var inboundListenPort: Int64
    /// What proxies run with where neither the Pod nor a ProxyConfig says more.
    var proxy: ProxySettings

    init(_ written: JSONValue) {
        var written = written
        let proxyFields = ProxySettings.defaults.merging(ProxySettings.fields(written["defaultConfig"])) { $1 }
        proxy = ProxySettings(proxyFields)
        trustDomain = written["trustDomain"]?.string ?? "cluster.local"
        mergesPrometheus = written["enablePrometheusMerge"]?.bool ?? true
        callsLocalhost = written["inboundTrafficPolicy"]?["mode"]?.string == "LOCALHOST"
        listenPort = InjectionMesh.port(written["proxyListenPort"], or: 15001)
        inboundListenPort = InjectionMesh.port(written["proxyInboundListenPort"], or: 15006)
        written["defaultConfig"] = .object(proxyFields)
        written["trustDomain"] = .string(trustDomain)
        json = written
    }

    private static func port(_ written: JSONValue?, or standard: Int64) -> Int64 {
        guard let port = written?.integer, port != 0 else { return standard }
        return port
    }
}
