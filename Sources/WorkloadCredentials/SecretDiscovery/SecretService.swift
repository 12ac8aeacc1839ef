import DiscoveryAPI
import EnvoyAPI
import GRPCCore
import Logging
import SwiftProtobuf
import Synchronization
import XDSServer

/// SDS on the wire: streams of both protocols over one ``SecretStore``.
struct SecretService: Envoy_Service_Secret_V3_SecretDiscoveryService.SimpleServiceProtocol {
    let store: SecretStore
    let metrics: SecretMetrics
    let logger: Logger

    func streamSecrets(
        request: RPCAsyncSequence<Envoy_Service_Discovery_V3_DiscoveryRequest, any Error>,
        response: RPCWriter<Envoy_Service_Discovery_V3_DiscoveryResponse>, context: ServerContext
    ) async throws {
        try await serve(request, SecretRequest.init) { try await response.write(.init($0)) }
    }

    func deltaSecrets(
        request: RPCAsyncSequence<Envoy_Service_Discovery_V3_DeltaDiscoveryRequest, any Error>,
        response: RPCWriter<Envoy_Service_Discovery_V3_DeltaDiscoveryResponse>, context: ServerContext
    ) async throws {
        try await serve(request, SecretRequest.init) { try await response.write(.init($0)) }
    }

    func fetchSecrets(
        request: Envoy_Service_Discovery_V3_DiscoveryRequest, context: ServerContext
    ) async throws -> Envoy_Service_Discovery_V3_DiscoveryResponse {
        throw RPCError(code: .unimplemented, message: "secrets are streamed: call StreamSecrets or DeltaSecrets")
    }

    private func serve<Request: Sendable>(
        _ requests: RPCAsyncSequence<Request, any Error>, _ read: @escaping @Sendable (Request) -> SecretRequest,
        write: @escaping @Sendable (SecretResponse) async throws -> Void
    ) async throws {
        let stream = Stream()
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        defer {
            store.change(from: stream.state.withLock { $0.wanted }, to: [])
            if let version = stream.version.withLock({ $0 }) { metrics.disconnected(version: version) }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for try await request in requests {
                    self.receive(read(request), stream)
                    wake.yield()
                }
            }
            group.addTask { for await _ in self.store.changes() { wake.yield() } }
            group.addTask {
                for await _ in wakes {
                    let secrets = self.store.secrets
                    guard let response = stream.state.withLock({ $0.next(secrets) }) else { continue }
                    let start = ContinuousClock.now
                    try await write(response)
                    self.metrics.sent(took: .now - start)
                }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private final class Stream: Sendable {
        let state = Mutex(SecretStream())
        /// The proxy's; nil: it has not asked yet.
        let version = Mutex<String?>(nil)
    }

    private func receive(_ request: SecretRequest, _ stream: Stream) {
        let started = stream.version.withLock { version -> String? in
            guard version == nil else { return nil }
            version = request.version ?? "unknown"
            return version
        }
        if let started { metrics.connected(version: started) }
        let (old, new, refusal) = stream.state.withLock { state in
            let old = state.wanted
            let refusal = state.receive(request)
            return (old, state.wanted, refusal)
        }
        if let refusal {
            metrics.rejected()
            logger.warning("The proxy refused a secret", metadata: ["why": "\(refusal)"])
        }
        if old != new { store.change(from: old, to: new) }
    }
}

extension SecretRequest {
    init(_ message: Envoy_Service_Discovery_V3_DiscoveryRequest) {
        nonce = message.responseNonce
        error = message.hasErrorDetail ? message.errorDetail.message : nil
        version = message.node.istioVersion
        asked = .whole(message.resourceNames)
    }

    init(_ message: Envoy_Service_Discovery_V3_DeltaDiscoveryRequest) {
        nonce = message.responseNonce
        error = message.hasErrorDetail ? message.errorDetail.message : nil
        version = message.node.istioVersion
        asked = .delta(
            subscribe: message.resourceNamesSubscribe, unsubscribe: message.resourceNamesUnsubscribe,
            initialVersions: message.initialResourceVersions)
    }
}

extension Envoy_Config_Core_V3_Node {
    fileprivate var istioVersion: String? { metadata.fields["ISTIO_VERSION"]?.stringValue }
}

extension Envoy_Service_Discovery_V3_DiscoveryResponse {
    init(_ response: SecretResponse) {
        self = .with {
            $0.typeURL = TypeURL.secret.rawValue
            $0.nonce = response.nonce
            $0.versionInfo = response.secrets.map(\.version).joined(separator: "-")
            $0.resources = response.secrets.map(\.packed)
        }
    }
}

extension Envoy_Service_Discovery_V3_DeltaDiscoveryResponse {
    init(_ response: SecretResponse) {
        self = .with {
            $0.typeURL = TypeURL.secret.rawValue
            $0.nonce = response.nonce
            $0.systemVersionInfo = response.nonce
            $0.resources = response.secrets.map { secret in
                .with {
                    $0.name = secret.name
                    $0.version = secret.version
                    $0.resource = secret.packed
                }
            }
        }
    }
}
