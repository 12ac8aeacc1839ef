import EnvoyAPI
import EnvoyTesting
import Foundation
import MeshTesting
import SwiftProtobuf
import Testing

@testable import ProxyAgent

/// The program with a real Envoy and a control plane of these tests.
@Suite(.serialized, .enabled(if: AgentProgram.isUsable, "\(AgentProgram.absence)"), .timeLimit(.minutes(10)))
struct AgentTests {
    private func withAgent(
        settings: [String: String] = ["terminationDrainDuration": "\"1s\""], environment: [String: String] = [:],
        annotations: String = "", bootstrap: Envoy_Config_Bootstrap_V3_Bootstrap? = nil,
        body: @Sendable (AgentProcess, Int) async throws -> Void
    ) async throws {
        let listener = try await freePort()
        try await withControlPlane(listener: listener, bootstrap: bootstrap) { port in
            let agent = try await AgentProcess(
                controlPlane: port, settings: settings, environment: environment, annotations: annotations)
            defer { agent.end() }
            do {
                try await until("the agent is ready") { await agent.isReady() }
                try await body(agent, listener)
            } catch {
                Issue.record("\(error)\n\(agent.log)")
            }
        }
    }

    @Test func becomesReadyWithWhatTheControlPlaneSays() async throws {
        try await withAgent { agent, listener in
            let answer = try await request(port: listener, "/")
            #expect(answer.status == 200)
            #expect(answer.body == "here")
            let page = try await agent.ask("/stats/prometheus").body
            #expect(page.contains("envoy_server_live{} 1"))
            #expect(page.contains("istio_agent_startup_duration_seconds"))
            #expect(page.contains("istio_agent_scrapes_total 1"))
            let envoys = try await agent.ask("/stats/prometheus", port: agent.metricsPort).body
            #expect(envoys.contains("envoy_server_live{} 1"))
            #expect(!envoys.contains("istio_agent_"))
            let some = try await agent.ask("/stats/prometheus?filter=server.live", port: agent.metricsPort).body
            #expect(some == "# TYPE envoy_server_live gauge\nenvoy_server_live{} 1\n")
        }
    }

    @Test func startsEnvoyAnewAtOnce() async throws {
        try await withAgent { agent, _ in
            let first = try #require(agent.envoy)
            kill(first, SIGKILL)
            let killed = ContinuousClock.now
            try await until("another Envoy is ready") {
                guard let next = agent.envoy, next != first else { return false }
                return await agent.isReady()
            }
            let time = ContinuousClock.now - killed
            // Some 0.2 s where nothing else runs; Hack/test-cluster measures it.
            #expect(time < .seconds(20), "ready \(time) after Envoy was killed")
            #expect(try await agent.ask("/metrics").body.contains("istio_agent_envoy_restarts_total 1"))
        }
    }

    @Test func drainsBeforeItEnds() async throws {
        try await withAgent(settings: ["terminationDrainDuration": "\"5s\""]) { agent, listener in
            let envoy = try #require(agent.envoy)
            agent.signal(SIGTERM)
            try await until("it is not ready any more") { try await agent.ask("/healthz/ready").status == 503 }
            // A connection that is there already is still served while the proxy drains.
            #expect(kill(envoy, 0) == 0)
            try await until("it ends") { !agent.isRunning }
            #expect(agent.status == 0)
            #expect(kill(envoy, 0) != 0, "Envoy is left over")
            #expect(agent.log.contains("Draining before the end"))
        }
    }

    @Test func leavesNoEnvoyBehindWhenKilled() async throws {
        try await withAgent { agent, _ in
            let envoy = try #require(agent.envoy)
            agent.signal(SIGKILL)
            try await until("Envoy is gone") { kill(envoy, 0) != 0 }
        }
    }

    @Test func endsWhenAskedTo() async throws {
        try await withAgent { agent, _ in
            #expect(try await agent.ask("/quitquitquit").status == 405)
            #expect(try await agent.ask("/quitquitquit", method: "POST").status == 200)
            try await until("it ends") { !agent.isRunning }
            #expect(agent.status == 0)
        }
    }

    @Test func endsWithEnvoy() async throws {
        try await withAgent { agent, _ in
            // It may be gone before it has answered.
            _ = try? await agent.ask("/quitquitquit", method: "POST", port: agent.adminPort)
            try await until("it ends") { !agent.isRunning }
            #expect(agent.status == 0)
        }
    }

    @Test func drainsWhenAskedToAndDoesNotWaitAgain() async throws {
        try await withAgent(settings: ["terminationDrainDuration": "\"60s\""]) { agent, _ in
            #expect(try await agent.ask("/drain", method: "POST").status == 200)
            #expect(try await agent.ask("/healthz/ready").status == 503)
            let start = ContinuousClock.now
            agent.signal(SIGTERM)
            try await until("it ends") { !agent.isRunning }
            #expect(ContinuousClock.now - start < .seconds(40))
        }
    }

    @Test func endsAsSoonAsNothingIsOpen() async throws {
        let environment = ["EXIT_ON_ZERO_ACTIVE_CONNECTIONS": "true", "MINIMUM_DRAIN_DURATION": "100ms"]
        try await withAgent(settings: ["terminationDrainDuration": "\"60s\""], environment: environment) { agent, _ in
            let start = ContinuousClock.now
            agent.signal(SIGTERM)
            try await until("it ends") { !agent.isRunning }
            #expect(ContinuousClock.now - start < .seconds(40))
            #expect(agent.status == 0)
        }
    }

    @Test func theControlPlaneAmendsTheBootstrap() async throws {
        let part = Envoy_Config_Bootstrap_V3_Bootstrap.with {
            $0.statsFlushInterval = .init(seconds: 78)
            $0.staticResources.clusters = [
                .with {
                    $0.name = "from-a-filter"
                    $0.type = .static
                    $0.connectTimeout = .init(seconds: 3)
                }
            ]
        }
        try await withAgent(environment: ["BOOTSTRAP_XDS_AGENT": "true"], bootstrap: part) { agent, listener in
            let dump = try await agent.ask("/config_dump?mask=bootstrap", port: agent.adminPort).body
            for text in ["\"78s\"", "from-a-filter", "xds-grpc", "sds-grpc"] { #expect(dump.contains(text), "\(text)") }
            let answer = try await request(port: listener, "/")
            #expect(answer.body == "here")
        }
        // Who does not ask is not told.
        try await withAgent(bootstrap: part) { agent, _ in
            let dump = try await agent.ask("/config_dump?mask=bootstrap", port: agent.adminPort).body
            #expect(!dump.contains("from-a-filter"))
        }
    }

    @Test func aBootstrapThatEnvoyRefusesIsNotUsed() async throws {
        let part = Envoy_Config_Bootstrap_V3_Bootstrap.with {
            $0.staticResources.clusters = [.with { $0.name = "xds-grpc" }]
        }
        try await withAgent(environment: ["BOOTSTRAP_XDS_AGENT": "true"], bootstrap: part) { agent, listener in
            let answer = try await request(port: listener, "/")
            #expect(answer.body == "here")
            #expect(agent.log.contains("Envoy starts without what EnvoyFilters add to its bootstrap"))
        }
    }

    @Test func peoplesBootstrapIsLaidOverItsOwn() async throws {
        let overlay = "{\"stats_flush_interval\": \"77s\"}"
        let file = NSTemporaryDirectory() + "apus-overlay-\(UUID().uuidString).json"
        try overlay.write(toFile: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: file) }
        try await withAgent(environment: ["ISTIO_BOOTSTRAP_OVERRIDE": file]) { agent, _ in
            let dump = try await agent.ask("/config_dump?mask=bootstrap", port: agent.adminPort).body
            #expect(dump.contains("77s"))
        }
    }
}

/// Waits until the world is so, or fails with what it was told to say.
func until(
    _ what: String, within limit: Duration = .seconds(60), _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw AgentTestFailure("not within \(limit): \(what)") }
        try await Task.sleep(for: .milliseconds(10))
    }
}
