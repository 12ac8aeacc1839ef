/// The transports of a service's port.
package enum Transport: String, Hashable, Sendable {
    case tcp = "TCP"
    case udp = "UDP"
    case sctp = "SCTP"
}

extension MeshProtocol {
    /// What a port speaks: UDP for UDP ports; else what `appProtocol` says, else the port's name, up to its first `-`.
    /// Where neither says anything, ports on which the server talks first are TCP and all others are sniffed.
    ///
    /// - Parameters:
    ///   - appProtocol: Of the Service's port; it counts even if its word means nothing to us.
    ///   - portName: Such as `http-web` or `grpc`; upper and lower case are the same.
    ///   - portNumber: Of the Service, not of its Pods.
    package static func selected(
        appProtocol: String?, portName: String, portNumber: Int, transport: Transport
    ) -> MeshProtocol {
        switch transport {
        case .udp: return .udp
        case .sctp: return .unsupported
        case .tcp: break
        }
        if let appProtocol, let known = kubernetesProtocols[appProtocol] { return known }
        return named(appProtocol ?? portName) ?? (serverFirstPorts.contains(portNumber) ? .tcp : .auto)
    }

    /// Whether servers speak first on a port, as far as its number tells.
    package static func isServerFirst(_ port: Int) -> Bool { serverFirstPorts.contains(port) }

    /// The protocol a port's name or `appProtocol` begins with, if it is one.
    package static func named(_ name: String) -> MeshProtocol? {
        let name = name.lowercased()
        if name.hasPrefix(MeshProtocol.grpcWeb.rawValue) { return .grpcWeb }
        guard let selected = MeshProtocol(rawValue: String(name.prefix { $0 != "-" })) else { return nil }
        return selected == .auto || selected == .unsupported ? nil : selected
    }
}

/// Kubernetes' own words for `appProtocol`.
private let kubernetesProtocols: [String: MeshProtocol] = [
    "kubernetes.io/h2c": .http2, "kubernetes.io/ws": .http, "kubernetes.io/wss": .https,
]

/// SMTP, DNS, MySQL and MongoDB: a proxy that waits for the client's first bytes there waits forever.
private let serverFirstPorts: Set<Int> = [25, 53, 3306, 27017]
