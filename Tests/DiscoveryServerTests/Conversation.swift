import DiscoveryAPI
import EnvoyAPI
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import Synchronization

/// A client's side of a stream.
struct Conversation<Request: Sendable, Response: Sendable>: ~Copyable {
    fileprivate let requests: AsyncStream<Request>.Continuation
    fileprivate var responses: RPCAsyncSequence<Response, any Error>.AsyncIterator

    /// Sends a request.
    func send(_ request: Request) { requests.yield(request) }

    /// No more requests.
    func finish() { requests.finish() }

    /// The next response; nil at the end of a stream that ends well.
    mutating func next() async throws -> Response? { try await responses.next() }

    /// The next response.
    mutating func receive() async throws -> Response {
        guard let response = try await next() else { throw TestFailure("the stream ended") }
        return response
    }

    /// How the server ends the stream: its status, or nil when all is well.
    mutating func end() async -> RPCError? {
        do {
            while try await responses.next() != nil {}
            return nil
        } catch let error as RPCError {
            return error
        } catch {
            return RPCError(code: .unknown, message: "\(error)")
        }
    }
}

typealias DeltaRequest = Envoy_Service_Discovery_V3_DeltaDiscoveryRequest
typealias DeltaResponse = Envoy_Service_Discovery_V3_DeltaDiscoveryResponse
typealias WholeRequest = Envoy_Service_Discovery_V3_DiscoveryRequest
typealias WholeResponse = Envoy_Service_Discovery_V3_DiscoveryResponse
typealias DiscoveryStub = Envoy_Service_Discovery_V3_AggregatedDiscoveryService.Client<HTTP2ClientTransport.Posix>

/// A client of its own connection, for the time of `body`.
func withClient<Result: Sendable>(
    port: Int, security: HTTP2ClientTransport.Posix.TransportSecurity = .plaintext,
    body: @Sendable @escaping (DiscoveryStub) async throws -> Result
) async throws -> Result {
    try await withGRPCClient(
        transport: HTTP2ClientTransport.Posix(
            target: .ipv4(address: "127.0.0.1", port: port), transportSecurity: security)
    ) { client in try await body(DiscoveryStub(wrapping: client)) }
}

/// A delta stream on a connection of its own.
func withDelta<Result: Sendable>(
    port: Int, security: HTTP2ClientTransport.Posix.TransportSecurity = .plaintext,
    body: @Sendable @escaping (inout Conversation<DeltaRequest, DeltaResponse>) async throws -> Result
) async throws -> Result {
    try await withClient(port: port, security: security) { stub in
        let (requests, continuation) = AsyncStream.makeStream(of: DeltaRequest.self)
        defer { continuation.finish() }
        // One that cannot connect is told so.
        var options = CallOptions.defaults
        options.waitForReady = false
        return try await stub.deltaAggregatedResources(options: options) { writer in
            for await request in requests { try await writer.write(request) }
        } onResponse: { response in
            var conversation = Conversation<DeltaRequest, DeltaResponse>(
                requests: continuation, responses: response.messages.makeAsyncIterator())
            defer { continuation.finish() }
            return try await body(&conversation)
        }
    }
}

/// A state-of-the-world stream on a connection of its own.
func withWhole<Result: Sendable>(
    port: Int, body: @Sendable @escaping (inout Conversation<WholeRequest, WholeResponse>) async throws -> Result
) async throws -> Result {
    try await withClient(port: port) { stub in
        let (requests, continuation) = AsyncStream.makeStream(of: WholeRequest.self)
        defer { continuation.finish() }
        return try await stub.streamAggregatedResources { writer in
            for await request in requests { try await writer.write(request) }
        } onResponse: { response in
            var conversation = Conversation<WholeRequest, WholeResponse>(
                requests: continuation, responses: response.messages.makeAsyncIterator())
            defer { continuation.finish() }
            return try await body(&conversation)
        }
    }
}
