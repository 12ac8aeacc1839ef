import AgentRuntime
import DiscoveryAPI
import EnvoyAPI
import EnvoyTesting
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import ServiceLifecycle
import SwiftProtobuf
import Testing
import XDSServer

@testable import DiscoveryServer
@testable import XDSRelay

/// A control plane that is replaced again and again, over real gRPC.
@Suite struct ReconnectTests {
    private typealias Request = Envoy_Service_Discovery_V3_DeltaDiscoveryRequest

    /// However it goes, the relay finds the next one.
    @Test(arguments: [false, true])
    func theNextOneIsFound(isGraceful: Bool) async throws {
        try await withFolder { folder in
            // An address of its own: between two rounds nobody else takes the port.
            let port = try await unusedPort()
            var settings = DiscoveryRelaySettings(address: "127.0.0.9:\(port)")
            settings.security = .plaintext
            settings.tokenFile = nil
            settings.socketPath = "\(folder.path)/xds"
            settings.backoff = Backoff(initial: .milliseconds(1), maximum: .milliseconds(50))
            let relay = DiscoveryRelay(settings, logger: quiet)
            try await withRunning([relay]) {
                try await relay.listening()
                try await withProxyStream(settings.socketPath) {
                    for round in 1...40 {
                        let source = StaticSource(
                            ResourceCache([.cluster: ResourceSnapshot([.model("c", "\(round)")])]))
                        var limits = DiscoveryLimits()
                        limits.stream.drainTimeout = .milliseconds(20)
                        let service = AggregatedDiscoveryService(source: source, limits: limits, logger: quiet)
                        let server = DiscoveryServer(
                            service, address: .ipv4(host: "127.0.0.9", port: port), logger: quiet)
                        let group = ServiceGroup(services: [server], logger: quiet)
                        let running = Task { try await group.run() }
                        let before = relay.status.connections
                        try await soon("round \(round): it is connected again") {
                            relay.status.connections > before && relay.status.isConnected
                        }
                        // At any moment of the conversation.
                        if round % 3 == 0 {
                            try await soon("it is synced") { service.streams.count == 1 }
                        }
                        if !isGraceful { service.connections.closeAll() }
                        await group.triggerGracefulShutdown()
                        try? await running.value
                    }
                }
            }
        }
    }
}

/// A proxy that asks for clusters, and acknowledges what comes, for the time of `body`.
private func withProxyStream(_ path: String, _ body: @Sendable @escaping () async throws -> Void) async throws {
    typealias Request = Envoy_Service_Discovery_V3_DeltaDiscoveryRequest
    let transport = try HTTP2ClientTransport.Posix(
        target: .unixDomainSocket(path: path), transportSecurity: .plaintext)
    try await withGRPCClient(transport: transport) { client in
        let (requests, ask) = AsyncStream.makeStream(of: Request.self)
        for typeURL in [TypeURL.cluster, .listener] {
            ask.yield(
                .with {
                    $0.node.id = "proxy"
                    $0.typeURL = typeURL.rawValue
                })
        }
        try await ControlPlaneStub(wrapping: client).deltaAggregatedResources { writer in
            for await request in requests { try await writer.write(request) }
        } onResponse: { response in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for try await message in response.messages {
                        ask.yield(
                            .with {
                                $0.typeURL = message.typeURL
                                $0.responseNonce = message.nonce
                            })
                    }
                }
                group.addTask {
                    defer { ask.finish() }
                    try await body()
                }
                defer { group.cancelAll() }
                try await group.next()
            }
        }
    }
}
