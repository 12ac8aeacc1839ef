import EnvoyAPI
import MeshModel
import SwiftProtobuf

/// HTTP/3: beside a port that takes HTTPS over TCP the same one over UDP, where the gateway's service has it.
struct DatagramServers {
    let view: ProxyView
    let mesh: MeshSettings

    /// The workload's own port on which requests to a server are taken over UDP too; nil if they are not.
    ///
    /// Clients' certificates are not checked over QUIC: a server that asks for them is not offered so. Nor is QUIC held to
    /// what TLS parameters say: under a policy there is none.
    func port(of server: MergedGateways.Server) -> Int? {
        guard mesh.offersHTTP3, mesh.defaultTLS.compliance == nil, server.server.seesRequests,
            server.server.isEncrypted,
            let tls = server.server.tls, tls.mode == .simple, (tls.maximumVersion ?? "TLSV1_3") == "TLSV1_3"
        else { return nil }
        let same = view.inbound.first { $0.port.meshProtocol == .udp && $0.port.number == server.server.port }
        return same?.targetPort
    }

    /// The servers of a listener that are offered over UDP, by the workload's own port.
    func servers(of listener: MergedGateways.Listener) -> [(port: Int, servers: [MergedGateways.Server])] {
        Dictionary(grouping: listener.servers) { port(of: $0) ?? 0 }.filter { $0.key > 0 }
            .sorted { $0.key < $1.key }.map { (port: $0.key, servers: $0.value) }
    }
}

extension ServerTLSInput {
    /// Decrypts what comes over QUIC, which has its own version of TLS.
    func datagramSocket() throws -> Envoy_Config_Core_V3_TransportSocket {
        var context = context(["h3"])
        context.commonTlsContext.clearTlsParams()
        return try .with {
            $0.name = "envoy.transport_sockets.quic"
            $0.typedConfig = try .init(
                packing: Envoy_Extensions_TransportSockets_Quic_V3_QuicDownstreamTransport.with {
                    $0.downstreamTlsContext = context
                })
        }
    }
}

extension Envoy_Config_Listener_V3_Listener {
    /// Takes datagrams, and QUIC in them.
    mutating func takeDatagrams() {
        address.socketAddress.protocol = .udp
        for index in additionalAddresses.indices { additionalAddresses[index].address.socketAddress.protocol = .udp }
        udpListenerConfig.quicOptions = .init()
        udpListenerConfig.downstreamSocketConfig.preferGro = .init(true)
    }
}
