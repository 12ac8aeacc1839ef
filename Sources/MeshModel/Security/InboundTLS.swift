/// Whether clients have to use mutual TLS.
package enum InboundTLSMode: Hashable, Sendable {
    /// They may.
    case permissive
    /// They must.
    case strict
    /// They must not: the workload sees what they send.
    case disable
}

/// The modes of a workload's ports.
package struct InboundTLS: Hashable, Sendable {
    /// Of ports that are not named.
    package var mode: InboundTLSMode
    /// By the workload's own port.
    package var ports: [Int: InboundTLSMode]

    package init(_ mode: InboundTLSMode = .permissive, ports: [Int: InboundTLSMode] = [:]) {
        self.mode = mode
        self.ports = ports
    }

    package func mode(of port: Int) -> InboundTLSMode { ports[port] ?? mode }
}
