import EnvoyAPI
import MeshModel
import SwiftProtobuf

typealias TransportSocket = Envoy_Config_Core_V3_TransportSocket

extension Envoy_Config_Cluster_V3_Cluster {
    /// Lays the value of a patch over this cluster. What it says of the transport socket is meant for the one of that name,
    /// also where the endpoints decide which of several is used.
    mutating func mergeWithSocket(_ patch: EnvoyPatch) {
        guard var value = try? patchValue(patch.value, as: Self.self) else { return }
        let replacesLists = patch.operation == .mergeReplacingLists
        if value.hasTransportSocket, !transportSocketMatches.isEmpty {
            let socket = value.transportSocket
            value.clearTransportSocket()
            if let index = transportSocketMatches.firstIndex(where: { $0.transportSocket.name == socket.name }) {
                transportSocketMatches[index].transportSocket.lay(socket, replacesLists: replacesLists)
            }
        } else if value.hasTransportSocket, hasTransportSocket {
            transportSocket.lay(value.transportSocket, replacesLists: replacesLists)
            value.clearTransportSocket()
        }
        guard let merged = try? overlaid(with: value, replacesLists: replacesLists) else { return }
        self = merged
    }
}

extension Envoy_Config_Listener_V3_FilterChain {
    /// Lays the value of a patch over this chain. What it says of TLS is for chains that end TLS: others stay in plain text.
    mutating func mergeWithSocket(_ patch: EnvoyPatch) {
        guard var value = try? patchValue(patch.value, as: Self.self) else { return }
        let replacesLists = patch.operation == .mergeReplacingLists
        if value.hasTransportSocket, hasTransportSocket {
            transportSocket.lay(value.transportSocket, replacesLists: replacesLists)
            value.clearTransportSocket()
        } else if value.transportSocket.name == TransportSocket.tlsName {
            value.clearTransportSocket()
        }
        guard let merged = try? overlaid(with: value, replacesLists: replacesLists) else { return }
        self = merged
    }
}

extension TransportSocket {
    fileprivate static let tlsName = "envoy.transport_sockets.tls"

    /// One of another name takes this one's place.
    fileprivate mutating func lay(_ other: TransportSocket, replacesLists: Bool) {
        self = name == other.name ? (try? overlaid(with: other, replacesLists: replacesLists)) ?? self : other
    }
}
