import DiscoveryAPI
import EnvoyAPI
import GRPCCore
import GRPCProtobuf
import SwiftProtobuf
import XDSServer

/// A request of either protocol, with what it says about the client.
struct ReceivedRequest: Sendable {
    var request: DiscoveryRequest
    var node: Envoy_Config_Core_V3_Node?
    /// Of gRPC, with which the client refuses a response.
    var errorCode: Int32 = 0
}

/// Reads state-of-the-world requests.
struct StateOfTheWorldDeserializer: MessageDeserializer {
    private let messages = ProtobufDeserializer<Envoy_Service_Discovery_V3_DiscoveryRequest>()

    func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> ReceivedRequest {
        let message = try messages.deserialize(bytes)
        let node = message.hasNode ? message.node : nil
        return ReceivedRequest(
            request: DiscoveryRequest(
                TypeURL(rawValue: message.typeURL), nonce: message.responseNonce,
                errorMessage: message.hasErrorDetail ? message.errorDetail.reason : nil,
                node: node.map { ClientNode(id: $0.id) },
                asked: .stateOfTheWorld(version: message.versionInfo, names: message.resourceNames)),
            node: node, errorCode: message.errorDetail.code)
    }
}

/// Reads delta requests.
struct DeltaDeserializer: MessageDeserializer {
    private let messages = ProtobufDeserializer<Envoy_Service_Discovery_V3_DeltaDiscoveryRequest>()

    func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> ReceivedRequest {
        let message = try messages.deserialize(bytes)
        let node = message.hasNode ? message.node : nil
        return ReceivedRequest(
            request: DiscoveryRequest(
                TypeURL(rawValue: message.typeURL), nonce: message.responseNonce,
                errorMessage: message.hasErrorDetail ? message.errorDetail.reason : nil,
                node: node.map { ClientNode(id: $0.id) },
                asked: .delta(
                    subscribe: message.resourceNamesSubscribe, unsubscribe: message.resourceNamesUnsubscribe,
                    initialVersions: message.initialResourceVersions)),
            node: node, errorCode: message.errorDetail.code)
    }
}

extension Google_Rpc_Status {
    /// What it says, or at least its code.
    fileprivate var reason: String { message.isEmpty ? "status \(code) without a message" : message }
}
