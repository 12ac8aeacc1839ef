import EnvoyAPI

/// What listener filters let a proxy know of a connection.
struct Inspection: Hashable {
    /// Empty for none.
    var serverName: String
    /// `tls`, or `raw_buffer` for all else.
    var transport: String
    /// The preferred one first.
    var applicationProtocols: [String]

    init(of call: Call, by listener: Envoy_Config_Listener_V3_Listener, policy: SimulationPolicy) {
        func has(_ name: String) -> Bool {
            listener.listenerFilters.contains { $0.name == name && !$0.isDisabled(onPort: call.port) }
        }
        let isTLS = call.security != .plaintext
        let seesTLS = isTLS && has("envoy.filters.listener.tls_inspector")
        transport = seesTLS ? "tls" : "raw_buffer"
        serverName = seesTLS || !policy.needsInspectorForServerName ? call.serverName.asciiLowercased : ""
        if seesTLS {
            applicationProtocols = call.applicationProtocols.filter { !$0.isEmpty }
        } else if !isTLS, has("envoy.filters.listener.http_inspector") {
            applicationProtocols =
                switch call.content {
                case .http: ["http/1.1"]
                case .http2: ["h2c"]
                case .tcp: []
                }
        } else {
            applicationProtocols = []
        }
    }
}

extension Envoy_Config_Listener_V3_ListenerFilter {
    fileprivate func isDisabled(onPort port: Int) -> Bool { hasFilterDisabled && filterDisabled.matches(port: port) }
}

extension Envoy_Config_Listener_V3_ListenerFilterChainMatchPredicate {
    fileprivate func matches(port: Int) -> Bool {
        switch rule {
        case .orMatch(let set): set.rules.contains { $0.matches(port: port) }
        case .andMatch(let set): set.rules.allSatisfy { $0.matches(port: port) }
        case .notMatch(let other): !other.matches(port: port)
        case .anyMatch(let isAny): isAny
        case .destinationPortRange(let range): port >= Int(range.start) && port < Int(range.end)
        case nil: false
        }
    }
}
