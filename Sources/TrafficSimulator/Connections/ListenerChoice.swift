import EnvoyAPI

extension ProxyConfiguration {
    /// The listener that takes a call, and why; nil if none does.
    func listener(for call: Call, policy: SimulationPolicy) -> (Envoy_Config_Listener_V3_Listener, String)? {
        if call.capture == .inbound {
            return listeners.first { $0.name == "virtualInbound" }.map { ($0, "capture sends every inbound call here") }
        }
        let dialled = "\(call.address):\(call.port)"
        if let exact = listeners.first(where: { $0.socketAddresses.contains { $0.isExactly(call) } }) {
            return (exact, "it listens on \(dialled) itself")
        }
        let ofPort = listeners.first { $0.socketAddresses.contains { $0.isWildcard(for: call, policy) } }
        if let wildcard = ofPort {
            return (wildcard, "it listens on port \(call.port) of all addresses, and none on \(dialled) itself")
        }
        return listeners.first { $0.name == "virtualOutbound" }.map {
            ($0, "capture sends outbound calls here, and no other listener is on \(dialled) or on its port")
        }
    }
}

extension Envoy_Config_Listener_V3_Listener {
    fileprivate var socketAddresses: [Envoy_Config_Core_V3_SocketAddress] {
        ([address] + additionalAddresses.map(\.address)).compactMap {
            if case .socketAddress(let address)? = $0.address { address } else { nil }
        }
    }
}

extension Envoy_Config_Core_V3_SocketAddress {
    fileprivate func isExactly(_ call: Call) -> Bool {
        guard Int(portValue) == call.port else { return false }
        if address == call.address { return true }
        guard let own = IPAddress(address) else { return false }
        return own == IPAddress(call.address)
    }

    fileprivate func isWildcard(for call: Call, _ policy: SimulationPolicy) -> Bool {
        guard Int(portValue) == call.port, let own = IPAddress(address), own.isUnspecified else { return false }
        guard policy.separatesFamilies else { return !own.isIPv6 }
        return own.isIPv6 == IPAddress(call.address)?.isIPv6
    }
}
