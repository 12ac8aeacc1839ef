import NIOCore
import Testing

@testable import ProxyAgent

/// Connections through two real Envoys, as two agents count them.
@Suite(.serialized, .enabled(if: AgentProgram.isUsable, "\(AgentProgram.absence)"), .timeLimit(.minutes(5)))
struct ConnectionTrafficTests {
    private static let opened = "istio_tcp_connections_opened_total"
    private static let closed = "istio_tcp_connections_closed_total"
    private static let received = "istio_tcp_received_bytes_total"
    private static let sent = "istio_tcp_sent_bytes_total"

    @Test(
        "Long connections count while they are open; clients have names by certificate and address, or by address",
        arguments: [true, false])
    func connections(usesDelta: Bool) async throws {
        try await CountingMesh.run(usesDelta: usesDelta) { mesh in
            let trusted = try await CountingMesh.connect(mesh.service)
            let plain = try await CountingMesh.connect(mesh.proxy, from: "127.67.0.9")
            let stranger = try await CountingMesh.connect(mesh.proxy, from: "127.67.0.10")
            try await trusted.writeAndFlush(ByteBuffer(string: "12345"))
            // With fewer bytes a proxy cannot tell plain text from TLS yet.
            try await plain.writeAndFlush(ByteBuffer(string: "123456789012"))
            try await stranger.writeAndFlush(ByteBuffer(string: "1234567890"))

            let service = ["destination_service_name": "echo", "request_protocol": "tcp", "response_flags": "-"]
            let there = service.merging(["reporter": "destination", "destination_workload": "server-v1"]) { $1 }
            let byName = there.merging([
                "source_workload": "client-v1", "source_workload_namespace": "default",
                "source_principal": "spiffe://cluster.local/ns/default/sa/client",
                "source_canonical_service": "client", "connection_security_policy": "mutual_tls",
            ]) { $1 }
            let byAddress = there.merging([
                "source_workload": "legacy-v1", "source_workload_namespace": "default",
                "source_principal": "unknown", "connection_security_policy": "none",
            ]) { $1 }
            let unknown = there.merging([
                "source_workload": "unknown", "source_workload_namespace": "unknown",
                "connection_security_policy": "none",
            ]) { $1 }
            let here = service.merging([
                "reporter": "source", "source_workload": "client-v1", "destination_workload": "server-v1",
            ]) { $1 }
            let all: [(AgentProcess, [String: String], Double)] = [
                (mesh.server, byName, 5), (mesh.server, byAddress, 12), (mesh.server, unknown, 10),
                (mesh.client, here, 5),
            ]
            for (agent, labels, bytes) in all {
                for (name, value) in [(Self.opened, 1), (Self.received, bytes), (Self.sent, bytes)] {
                    try await expect(name, labels, value, of: agent)
                }
                #expect(try await CountingMesh.value(Self.closed, labels, of: agent) == 0)
            }
            try await trusted.writeAndFlush(ByteBuffer(string: "67"))
            try await expect(Self.received, byName, 7, of: mesh.server)
            for channel in [trusted, plain, stranger] { try await channel.close() }
            for (agent, labels, bytes) in all {
                try await expect(Self.closed, labels, 1, of: agent)
                #expect(try await CountingMesh.value(Self.opened, labels, of: agent) == 1)
                let total = bytes == 5 ? 7 : bytes
                #expect(try await CountingMesh.value(Self.received, labels, of: agent) == total)
            }
            for agent in [mesh.client, mesh.server] {
                let envoys = try await agent.ask("/stats/prometheus", port: agent.adminPort).body
                #expect(!envoys.contains("istio_tcp_"), "Envoy counts them, too")
                let page = try await agent.ask("/stats/prometheus").body
                #expect(page.contains("istio_agent_connection_log_records_total"))
                #expect(page.split(separator: "\n").filter { $0.hasPrefix("# TYPE \(Self.opened) ") }.count == 1)
            }
        }
    }

    private func expect(
        _ name: String, _ labels: [String: String], _ value: Double, of agent: AgentProcess
    ) async throws {
        do {
            try await until("\(name) is \(value)", within: .seconds(60)) {
                try await CountingMesh.value(name, labels, of: agent) == value
            }
        } catch {
            let page = try await agent.ask("/stats/prometheus").body.split(separator: "\n")
            let series = page.filter { $0.hasPrefix("istio_tcp_") || $0.contains("connection_log") }
            throw AgentTestFailure("\(error) with \(labels):\n\(series.joined(separator: "\n"))")
        }
    }
}
