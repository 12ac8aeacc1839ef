import AgentRuntime
package import DiscoveryAPI
import EnvoyAPI
package import EnvoyBootstrap
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import KubernetesModel
import SwiftProtobuf
import WorkloadCredentials

/// One question to the control plane, on a stream of its own: a refusal ends nobody else's.
package struct ControlPlaneQuestion: Sendable {
    let settings: DiscoveryRelaySettings
    /// Who asks.
    let node: NodeDescription
    /// The most that an answer has.
    var answerBytes: Int

    /// A question that has not been asked yet.
    ///
    /// - Parameters:
    ///   - settings: How the control plane is reached.
    ///   - node: Who asks.
    ///   - answerBytes: The most that an answer has.
    package init(settings: DiscoveryRelaySettings, node: NodeDescription, answerBytes: Int = 256 << 20) {
        self.settings = settings
        self.node = node
        self.answerBytes = answerBytes
    }

    /// The first answer.
    ///
    /// - Parameter deadline: Until when the control plane is waited for.
    /// - Throws: `RPCError`, or what stands in the way of asking.
    package func answer(
        _ typeURL: String, names: [String] = [], until deadline: ContinuousClock.Instant
    ) async throws -> Envoy_Service_Discovery_V3_DiscoveryResponse {
        let endpoint = settings.endpoint
        let metadata = try endpoint.metadata()
        let question = try Envoy_Service_Discovery_V3_DiscoveryRequest.with {
            $0.typeURL = typeURL
            $0.resourceNames = names
            $0.node = try Envoy_Config_Core_V3_Node(jsonString: node.json.jsonText)
        }
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        defer { end.finish() }
        // The stream stays open until there is an answer: who hangs up wants none.
        let request = StreamingClientRequest<WholeWire.Request>(metadata: metadata) { writer in
            try await writer.write(question)
            for await _ in ends {}
        }
        var options = CallOptions.defaults
        options.waitForReady = false
        options.timeout = deadline - .now
        options.maxResponseMessageBytes = answerBytes
        let work = Abandonable<Envoy_Service_Discovery_V3_DiscoveryResponse>()
        return try await work.run { [options] in
            let (answers, answer) = AsyncStream.makeStream(of: Envoy_Service_Discovery_V3_DiscoveryResponse.self)
            try await withGRPCClient(transport: try endpoint.transport()) { client in
                try await WholeWire.open(ControlPlaneStub(wrapping: client), request, options) { response in
                    defer { end.finish() }
                    for try await message in response.messages where message.typeURL == typeURL {
                        answer.yield(message)
                        return
                    }
                }
            }
            answer.finish()
            for await message in answers { return message }
            throw RPCError(code: .unavailable, message: "the control plane ended the stream without an answer")
        }
    }
}
