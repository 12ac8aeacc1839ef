import EnvoyAPI
import MeshModel
import SwiftProtobuf

extension Envoy_Config_Cluster_V3_Cluster {
    /// How connections are secured.
    mutating func secure(_ input: OutboundClusterInput) throws {
        switch input.security {
        case .plaintext: break
        case .mutualTLS(let tls): transportSocket = try input.socket(tls)
        case .client(let client):
            transportSocket = try client.socket(
                names: input.subjectAltNames, isHTTP2: input.upstream == .http2)
        case .automatic(let tls):
            transportSocketMatches = [
                try .with {
                    $0.name = "tlsMode-istio"
                    $0.match = Google_Protobuf_Struct(fields: TLSModeMetadata.mutualTLS)
                    $0.transportSocket = try input.socket(tls)
                },
                try .with {
                    $0.name = "tlsMode-disabled"
                    $0.match = .init()
                    $0.transportSocket = try .rawBuffer()
                },
            ]
        }
    }

    /// Tells the client's address at the beginning of connections, ahead of whatever secures them.
    mutating func tellClients(by version: ProxyProtocolVersion) throws {
        if transportSocketMatches.isEmpty {
            transportSocket = try .proxyProtocol(version, over: hasTransportSocket ? transportSocket : .rawBuffer())
        } else {
            for index in transportSocketMatches.indices {
                transportSocketMatches[index].transportSocket = try .proxyProtocol(
                    version, over: transportSocketMatches[index].transportSocket)
            }
        }
    }
}

extension OutboundClusterInput {
    fileprivate func socket(_ tls: MutualTLS) throws -> Envoy_Config_Core_V3_TransportSocket {
        try tls.upstreamSocket(
            serverName: serverName.isEmpty
                ? ClusterNames.serverName(port: port, subset: subset, host: host) : serverName,
            names: subjectAltNames, protocols: upstream.applicationProtocols)
    }
}

extension OutboundClusterInput.Security {
    /// Names that are taken from each request, because none is said.
    func automaticServerNames(_ input: OutboundClusterInput) -> UpstreamProtocol.ServerNames {
        guard case .client(let client) = self, client.tls.serverName.isEmpty else { return .init() }
        return .init(
            isAsked: true, isChecked: input.subjectAltNames.isEmpty && !client.tls.skipsVerification)
    }
}

extension Envoy_Config_Core_V3_TransportSocket {
    fileprivate static func proxyProtocol(_ version: ProxyProtocolVersion, over inner: Self) throws -> Self {
        let transport: Envoy_Extensions_TransportSockets_ProxyProtocol_V3_ProxyProtocolUpstreamTransport = .with {
            $0.config.version = version == .v1 ? .v1 : .v2
            $0.transportSocket = inner
        }
        return try .with {
            $0.name = "envoy.transport_sockets.upstream_proxy_protocol"
            $0.typedConfig = try .init(packing: transport)
        }
    }
}

/// The metadata of endpoints by which a cluster tells those that speak mutual TLS.
enum TLSModeMetadata {
    static let key = "envoy.transport_socket_match"
    static let mutualTLS: [String: Google_Protobuf_Value] = ["tlsMode": "istio"]
}
