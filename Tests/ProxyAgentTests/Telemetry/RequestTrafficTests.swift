import EnvoyTesting
import Foundation
import NIOCore
import Testing

@testable import ProxyAgent

/// Requests through two real Envoys, as Envoys and agents count them together.
@Suite(.serialized, .enabled(if: AgentProgram.isUsable, "\(AgentProgram.absence)"), .timeLimit(.minutes(5)))
struct RequestTrafficTests {
    private static let curl = "/usr/bin/curl"
    private static let requests = "istio_requests_total"
    private static let method = "/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs"

    @Test(
        "Clients without a sidecar have names by their address; who says a name is counted by Envoy, and nobody twice",
        .enabled(if: FileManager.default.isExecutableFile(atPath: curl)))
    func requests() async throws {
        try await CountingMesh.run { mesh in
            for _ in 0..<3 { try call(mesh.webService, from: "127.0.0.1") }
            for _ in 0..<2 { try call(mesh.webProxy, from: "127.67.0.9") }
            try call(mesh.webProxy, from: "127.67.0.10")
            let there = [
                "reporter": "destination", "destination_workload": "server-v1", "destination_service_name": "web",
                "request_protocol": "http", "response_code": "200", "response_flags": "-", "grpc_response_status": "",
            ]
            let byHeader = there.merging([
                "source_workload": "client-v1", "source_principal": "spiffe://cluster.local/ns/default/sa/client",
                "connection_security_policy": "mutual_tls",
            ]) { $1 }
            let byAddress = there.merging([
                "source_workload": "legacy-v1", "source_workload_namespace": "default",
                "source_canonical_service": "legacy", "source_canonical_revision": "latest", "source_app": "legacy",
                "source_cluster": "Kubernetes", "source_principal": "unknown", "connection_security_policy": "none",
            ]) { $1 }
            let unknown = there.merging([
                "source_workload": "unknown", "source_workload_namespace": "unknown",
                "connection_security_policy": "none",
            ]) { $1 }
            for (labels, count) in [(byHeader, 3.0), (byAddress, 2), (unknown, 1)] {
                try await expect(Self.requests, labels, count, of: mesh.server)
                for name in ["istio_request_duration_milliseconds", "istio_request_bytes", "istio_response_bytes"] {
                    try await expect("\(name)_count", labels, count, of: mesh.server)
                    for bound in ["3600000", "+Inf"] {
                        try await expect("\(name)_bucket", labels.merging(["le": bound]) { $1 }, count, of: mesh.server)
                    }
                }
            }
            #expect(try await CountingMesh.value("istio_response_bytes_sum", byAddress, of: mesh.server) == 30)
            try await expect(
                Self.requests, ["reporter": "source", "destination_workload": "server-v1"], 3, of: mesh.client)
            // All together are what was asked, and Envoy has counted those with a name.
            try await expect(Self.requests, ["reporter": "destination"], 6, of: mesh.server)
            let envoys = try await mesh.server.ask("/stats/prometheus", port: mesh.server.adminPort).body
            let own = envoys.split(separator: "\n").filter { $0.hasPrefix("envoy_mesh_\(Self.requests){") }
            #expect(own.count == 1 && own.first?.hasSuffix(" 3") == true, "\(own)")
            let page = try await mesh.server.ask("/stats/prometheus").body
            #expect(page.split(separator: "\n").filter { $0.hasPrefix("# TYPE \(Self.requests) ") }.count == 1)
            #expect(page.contains("istio_agent_request_log_records_total"))
        }
    }

    @Test(
        "All messages of gRPC count, however many a call has, and on both sides",
        .enabled(if: FileManager.default.isExecutableFile(atPath: curl)))
    func messages() async throws {
        try await CountingMesh.run { mesh in
            for count in [1, 12_345] {
                let messages = try mesh.server.folder.write([UInt8](repeating: 0, count: 5 * count), to: "messages")
                let arguments = [
                    "--http2-prior-knowledge", "-H", "content-type: application/grpc", "--data-binary", "@\(messages)",
                ]
                try call(mesh.callService, from: "127.0.0.1", service: "calls", arguments)
                try call(mesh.callProxy, from: "127.67.0.9", service: "calls", arguments)
            }
            for (agent, labels) in [
                (mesh.client, ["reporter": "source", "destination_workload": "server-v1"]),
                (mesh.server, ["reporter": "destination", "source_workload": "client-v1"]),
                (mesh.server, ["reporter": "destination", "source_workload": "legacy-v1"]),
            ] {
                let grpc = labels.merging(["request_protocol": "grpc"]) { $1 }
                try await expect(Self.requests, grpc, 2, of: agent)
                try await expect("istio_request_messages_total", grpc, 12_346, of: agent)
                try await expect("istio_response_messages_total", grpc, 2, of: agent)
            }
        }
    }

    @Test("A flood of requests from many addresses is counted to the last one")
    func flood() async throws {
        try await CountingMesh.run { mesh in
            let (addresses, each) = (100, 50)
            var channels: [any Channel] = []
            for number in 1...addresses {
                let address = "127.67.3.\(number)"
                channels.append(try await CountedApplications.ask(mesh.webProxy, from: address, times: each))
            }
            let total = Double(addresses * each)
            let plain = ["reporter": "destination", "connection_security_policy": "none", "response_code": "200"]
            try await expect(Self.requests, plain, total, of: mesh.server)
            try await expect("istio_agent_request_log_records_total", [:], total, of: mesh.server)
            #expect(try await CountingMesh.value("istio_request_bytes_count", plain, of: mesh.server) == total)
            for channel in channels { try await channel.close() }
        }
    }

    /// A call of an application without a sidecar, or of the client's.
    private func call(
        _ target: (host: String, port: Int), from host: String, service: String = "web", _ more: [String] = []
    ) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.curl)
        process.arguments =
            [
                "-s", "-S", "--fail", "--noproxy", "*", "--max-time", "60", "--interface", host, "-H",
                "host: \(service).default.svc.cluster.local", "-o", "/dev/null",
            ] + more + ["http://\(target.host):\(target.port)\(Self.method)"]
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        process.waitUntilExit()
        let problem = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        guard process.terminationStatus == 0 else { throw AgentTestFailure("curl \(target): \(problem)") }
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
            let series = page.filter {
                $0.hasPrefix("istio_request") && !$0.contains("_bucket") || $0.contains("request_log")
            }
            throw AgentTestFailure("\(error) with \(labels):\n\(series.joined(separator: "\n"))")
        }
    }
}
