import DiscoveryAPI
import GRPCCore

/// The tap for those who speak xDS: `istioctl proxy-status --xds-address` by a forwarded port.
struct DebugTapService: Envoy_Service_Discovery_V3_AggregatedDiscoveryService.SimpleServiceProtocol {
    unowned let tap: DebugTap

    func streamAggregatedResources(
        request: RPCAsyncSequence<Envoy_Service_Discovery_V3_DiscoveryRequest, any Error>,
        response: RPCWriter<Envoy_Service_Discovery_V3_DiscoveryResponse>, context: ServerContext
    ) async throws {
        for try await message in request {
            guard TapQuestion.isAnswered(message.typeURL) else {
                throw RPCError(
                    code: .invalidArgument,
                    message:
                        "\"\(message.typeURL)\" is no question about the control plane: those of istio.io/debug are "
                        + "passed on")
            }
            // An acknowledgement asks for nothing.
            if !message.responseNonce.isEmpty { continue }
            try await response.write(
                try await tap.answer(TapQuestion(typeURL: message.typeURL, names: message.resourceNames)))
        }
    }

    func deltaAggregatedResources(
        request: RPCAsyncSequence<Envoy_Service_Discovery_V3_DeltaDiscoveryRequest, any Error>,
        response: RPCWriter<Envoy_Service_Discovery_V3_DeltaDiscoveryResponse>, context: ServerContext
    ) async throws {
        throw RPCError(code: .unimplemented, message: "questions are asked by StreamAggregatedResources")
    }
}
