import DiscoveryAPI
import EnvoyAPI
import GRPCCore
import Synchronization
import Testing
import XDSServer

@testable import DiscoveryServer

/// The server's end.
@Suite struct DrainTests {
    @Test func waitsForAnswersThenHandsClientsOver() async throws {
        try await withServer(clusters(cluster("a")), limits: shortLimits(drain: .seconds(90))) { server in
            let end = try await withDelta(port: server.port) { stream in
                stream.send(.subscribe(.cluster))
                let response = try await stream.receive()
                await server.shutDown()
                try await eventually("the stream is draining") { server.connections.first?.status.isDraining ?? false }
                stream.send(.accept(response))
                return await stream.end()
            }
            #expect(end?.code == .unavailable)
            #expect(end?.message.contains("connect again") ?? false)
        }
    }

    @Test func doesNotWaitForThoseWhoDoNotAnswer() async throws {
        try await withServer(clusters(cluster("a")), limits: shortLimits(drain: .milliseconds(200))) { server in
            let asked = Mutex(ContinuousClock.now)
            let end = try await withDelta(port: server.port) { stream in
                stream.send(.subscribe(.cluster))
                _ = try await stream.receive()
                asked.withLock { $0 = .now }
                await server.shutDown()
                return await stream.end()
            }
            #expect(end?.code == .unavailable)
            #expect(ContinuousClock.now - asked.withLock { $0 } < .seconds(60))
        }
    }
}
