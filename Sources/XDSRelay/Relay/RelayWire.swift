import DiscoveryAPI
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import SwiftProtobuf
import XDSServer

typealias ControlPlaneStub = Envoy_Service_Discovery_V3_AggregatedDiscoveryService.Client<HTTP2ClientTransport.Posix>

/// One of the two protocols, as messages.
protocol RelayWire: Sendable {
    associatedtype Request: Sendable
    associatedtype Response: Sendable

    static var variant: ProtocolVariant { get }
    static func read(_ message: Request) -> RelayRequest
    static func read(_ message: Response) -> RelayResponse
    static func write(_ request: RelayRequest) -> Request
    static func write(_ response: RelayResponse) -> Response

    /// Opens a stream to the control plane, for the time of `onResponse`.
    static func open(
        _ stub: ControlPlaneStub, _ request: StreamingClientRequest<Request>, _ options: CallOptions,
        onResponse: @Sendable @escaping (StreamingClientResponse<Response>) async throws -> Void
    ) async throws
}

enum DeltaWire: RelayWire {
    static let variant = ProtocolVariant.delta

    static func read(_ message: Envoy_Service_Discovery_V3_DeltaDiscoveryRequest) -> RelayRequest { .init(message) }

    static func read(_ message: Envoy_Service_Discovery_V3_DeltaDiscoveryResponse) -> RelayResponse { .init(message) }

    static func write(_ request: RelayRequest) -> Envoy_Service_Discovery_V3_DeltaDiscoveryRequest { .init(request) }

    static func write(_ response: RelayResponse) -> Envoy_Service_Discovery_V3_DeltaDiscoveryResponse {
        .init(response)
    }

    static func open(
        _ stub: ControlPlaneStub, _ request: StreamingClientRequest<Request>, _ options: CallOptions,
        onResponse: @Sendable @escaping (StreamingClientResponse<Response>) async throws -> Void
    ) async throws {
        try await stub.deltaAggregatedResources(request: request, options: options, onResponse: onResponse)
    }
}

enum WholeWire: RelayWire {
    static let variant = ProtocolVariant.stateOfTheWorld

    static func read(_ message: Envoy_Service_Discovery_V3_DiscoveryRequest) -> RelayRequest { .init(message) }

    static func read(_ message: Envoy_Service_Discovery_V3_DiscoveryResponse) -> RelayResponse { .init(message) }

    static func write(_ request: RelayRequest) -> Envoy_Service_Discovery_V3_DiscoveryRequest { .init(request) }

    static func write(_ response: RelayResponse) -> Envoy_Service_Discovery_V3_DiscoveryResponse { .init(response) }

    static func open(
        _ stub: ControlPlaneStub, _ request: StreamingClientRequest<Request>, _ options: CallOptions,
        onResponse: @Sendable @escaping (StreamingClientResponse<Response>) async throws -> Void
    ) async throws {
        try await stub.streamAggregatedResources(request: request, options: options, onResponse: onResponse)
    }
}
