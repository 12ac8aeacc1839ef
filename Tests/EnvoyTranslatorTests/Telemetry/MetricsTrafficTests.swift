import EnvoyAPI
import EnvoyTesting
import EnvoyTranslator
import Foundation
import MeshModel
import Testing

@Suite("Metrics of two real Envoys", .enabled(if: EnvoyProgram.path != nil, "\(EnvoyProgram.absence)"))
struct MetricsTrafficTests {
    private static let clientLabels = [
        "source_workload": "client-v3", "source_workload_namespace": "default", "source_app": "client",
        "source_version": "v3", "source_cluster": "Kubernetes", "source_canonical_service": "client",
        "source_canonical_revision": "v3", "source_principal": "spiffe://cluster.local/ns/default/sa/client",
    ]

    /// - Parameter names: Of the server's workload.
    private static func labels(of service: String, app: String, version: String, revision: String) -> [String: String] {
        [
            "destination_workload_namespace": "default", "destination_app": app, "destination_version": version,
            "destination_cluster": "Kubernetes", "destination_canonical_service": app,
            "destination_canonical_revision": revision,
            "destination_service": "\(service).default.svc.cluster.local", "destination_service_name": service,
            "destination_service_namespace": "default",
        ]
    }

    private static let allLabels: Set<String> = Set(
        ["source", "destination"].flatMap { side in
            ["workload", "workload_namespace", "principal", "app", "version", "cluster"].map { "\(side)_\($0)" }
                + ["\(side)_canonical_service", "\(side)_canonical_revision"]
        } + [
            "reporter", "destination_service", "destination_service_name", "destination_service_namespace",
            "request_protocol", "response_flags", "connection_security_policy",
        ])

    @Test("Requests are counted on both sides with both workloads' names; the names stay between the sidecars")
    func requests() throws {
        let mesh = try MeasuredMesh()
        defer { mesh.stop() }
        for _ in 0..<3 {
            let answer = try mesh.get("http", headers: "x-mesh-peer: forged;default;x;y;z\r\n")
            #expect(answer.contains("served: http"), "\(answer)")
            #expect(!answer.lowercased().contains("x-mesh-peer") && !answer.contains("heard:"), "\(answer)")
        }
        let expected = ["request_protocol": "http", "response_code": "200", "grpc_response_status": ""]
        let shared = Self.clientLabels.merging(expected) { $1 }
        let sent = try mesh.series("istio_requests_total", of: \.client) { $0.contains { $0.value == 3 } }
        let there = Self.labels(of: "http", app: "http", version: "v1", revision: "v1").merging(shared) { $1 }
        #expect(sent.count == 1, "\(sent)")
        #expect(sent.first?.value == 3 && sent.first?.has(there) == true, "\(sent)")
        #expect(sent.first?.has(["reporter": "source", "connection_security_policy": "unknown"]) == true, "\(sent)")
        #expect(sent.first?.labels["destination_workload"] == "http-v1", "\(sent)")
        #expect(
            sent.first.map { Set($0.labels.keys) } == Self.allLabels.union(["response_code", "grpc_response_status"]))

        let received = try mesh.series("istio_requests_total", of: \.server) { $0.contains { $0.value == 3 } }
        let here = Self.labels(of: "http", app: "all", version: "unknown", revision: "latest").merging(shared) { $1 }
        #expect(received.count == 1, "\(received)")
        #expect(received.first?.value == 3 && received.first?.has(here) == true, "\(received)")
        #expect(
            received.first?.has(["reporter": "destination", "connection_security_policy": "mutual_tls"]) == true,
            "\(received)")
        #expect(received.first?.labels["destination_workload"] == "all-v1", "\(received)")
        #expect(received.first.map { Set($0.labels.keys) } == sent.first.map { Set($0.labels.keys) })

        for envoy in [\MeasuredMesh.client, \.server] {
            for name in ["istio_request_duration_milliseconds", "istio_request_bytes", "istio_response_bytes"] {
                let counts = try mesh.series("\(name)_count", of: envoy) { $0.contains { $0.value == 3 } }
                #expect(counts.map(\.value) == [3], "\(name)")
                let buckets = try mesh.series("\(name)_bucket", of: envoy) { !$0.isEmpty }
                #expect(buckets.count == 20, "\(name): \(buckets.count)")
                #expect(buckets.last?.labels["le"] == "+Inf" || buckets.contains { $0.value == 3 })
            }
        }
    }

    @Test("Who has no certificate has no names, whatever it says, and no application hears it")
    func plaintext() throws {
        let mesh = try MeasuredMesh()
        defer { mesh.stop() }
        let answer = try exchange(
            with: MeasuredMesh.serverAddress, port: mesh.workload["http"] ?? 0,
            sending: "GET / HTTP/1.1\r\nhost: x\r\nx-mesh-peer: forged;default;x;y;z\r\nconnection: close\r\n\r\n")
        #expect(answer.contains("served: http"), "\(answer)")
        #expect(!answer.lowercased().contains("x-mesh-peer") && !answer.contains("heard:"), "\(answer)")
        let received = try mesh.series("istio_requests_total", of: \.server) { !$0.isEmpty }
        #expect(received.count == 1, "\(received)")
        let unknown = [
            "source_workload", "source_workload_namespace", "source_principal", "source_app", "source_version",
            "source_cluster", "source_canonical_service", "destination_principal",
        ]
        for label in unknown { #expect(received.first?.labels[label] == "unknown", "\(label): \(received)") }
        #expect(received.first?.has(["connection_security_policy": "none", "response_code": "200"]) == true)
    }

    @Test("Names do not leave the mesh")
    func external() throws {
        let mesh = try MeasuredMesh()
        defer { mesh.stop() }
        let answer = try mesh.get("external", headers: "x-mesh-peer: forged;default;x;y;z\r\n")
        #expect(answer.contains("served: outside"), "\(answer)")
        #expect(!answer.contains("heard:") && !answer.contains("forged"), "\(answer)")
        // What comes back makes no series of its own either.
        let page = String(decoding: try mesh.client.metrics(), as: UTF8.self)
        #expect(page.contains("envoy_mesh_istio_requests_total") && !page.contains("forged"))
        let sent = try mesh.series("istio_requests_total", of: \.client) { !$0.isEmpty }
        #expect(sent.first?.has(["destination_service_name": "external", "source_workload": "client-v3"]) == true)
        #expect(sent.first?.labels["source_principal"] == "unknown", "\(sent)")
    }

    @Test("Hosts that nobody knows and that may not be called are counted under their names, as blocked")
    func blocked() throws {
        let mesh = try MeasuredMesh(settings: { $0.settings.outboundPolicy = .registryOnly })
        defer { mesh.stop() }
        let target = try #require(mesh.services["http"])
        let answer = try exchange(
            with: target.address, port: target.port,
            sending: "GET / HTTP/1.1\r\nhost: nobody.example\r\nconnection: close\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 502"), "\(answer)")
        let sent = try mesh.series("istio_requests_total", of: \.client) { !$0.isEmpty }
        let expected = [
            "destination_service": "nobody.example", "destination_service_name": "BlackHoleCluster",
            "destination_service_namespace": "unknown", "destination_workload": "unknown", "response_code": "502",
            "source_workload": "client-v3",
        ]
        #expect(sent.count == 1 && sent.first?.has(expected) == true, "\(sent)")
    }

    @Test("Where the control plane has no name for an endpoint, the server says its own")
    func answered() throws {
        let mesh = try MeasuredMesh(edit: { resources in
            for index in resources.endpoints.indices {
                for place in resources.endpoints[index].endpoints.indices {
                    for endpoint in resources.endpoints[index].endpoints[place].lbEndpoints.indices {
                        resources.endpoints[index].endpoints[place].lbEndpoints[endpoint].metadata.filterMetadata[
                            "istio"] = nil
                    }
                }
            }
        })
        defer { mesh.stop() }
        _ = try mesh.get("http")
        let sent = try mesh.series("istio_requests_total", of: \.client) { !$0.isEmpty }
        #expect(sent.count == 1, "\(sent)")
        #expect(
            sent.first?.has(["destination_workload": "all-v1", "destination_canonical_service": "all"]) == true,
            "\(sent)")
    }

    @Test("Connections: opened, closed, and the bytes in both directions; those that never come about, too")
    func connections() throws {
        let mesh = try MeasuredMesh()
        defer { mesh.stop() }
        let target = try #require(mesh.services["echo"])
        for _ in 0..<2 {
            let echo = try exchange(with: target.address, port: target.port, sending: "12345\n", until: "\n")
            #expect(echo == "12345\n")
        }
        let tcp = Self.clientLabels.merging(["request_protocol": "tcp", "response_flags": "-"]) { $1 }
        for (envoy, policy) in [(\MeasuredMesh.client, "unknown"), (\.server, "mutual_tls")] {
            // A server's sidecar hears of its clients' workloads in requests alone.
            let known = ["source_principal", "source_workload_namespace"]
            let expected =
                envoy == \.client ? tcp : tcp.filter { !$0.key.hasPrefix("source_") || known.contains($0.key) }
            for (name, value) in [
                ("istio_tcp_connections_opened_total", 2.0), ("istio_tcp_connections_closed_total", 2),
                ("istio_tcp_sent_bytes_total", 12), ("istio_tcp_received_bytes_total", 12),
            ] {
                let series = try mesh.series(name, of: envoy) { $0.contains { $0.value == value } }
                #expect(series.map(\.value) == [value], "\(name): \(series)")
                #expect(series.first?.has(expected) == true, "\(name): \(series)")
                #expect(series.first?.labels["connection_security_policy"] == policy, "\(name): \(series)")
                #expect(series.first?.labels["destination_service_name"] == "echo", "\(name): \(series)")
                #expect(series.first.map { Set($0.labels.keys) } == Self.allLabels, "\(name): \(series)")
            }
        }
        // The server's workload does not listen there.
        let refused = try #require(mesh.services["refused"])
        _ = try? exchange(with: refused.address, port: refused.port, sending: "x")
        for name in ["opened", "closed"] {
            let series = try mesh.series("istio_tcp_connections_\(name)_total", of: \.server) {
                $0.contains { $0.labels["destination_service_name"] == "refused" }
            }
            let failed = series.filter { $0.labels["destination_service_name"] == "refused" }
            #expect(failed.map(\.value) == [1], "\(name): \(series)")
            #expect(failed.first?.labels["response_flags"] == "UF,URX", "\(name): \(series)")
        }
    }

    @Test(
        "Calls of gRPC: protocol, status, and messages in both directions",
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/curl")))
    func grpc() throws {
        let mesh = try MeasuredMesh()
        defer { mesh.stop() }
        let target = try #require(mesh.services["grpc"])
        let folder = try TestFolder()
        defer { folder.remove() }
        let body = try folder.write([0, 0, 0, 0, 2, 1, 2, 0, 0, 0, 0, 1, 7], to: "messages")
        // The answer may be there before all of a call is read: then its messages are not all counted.
        let count = 10
        for _ in 0..<count {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/curl")
            process.arguments = [
                "-s", "-i", "--noproxy", "*", "--http2-prior-knowledge", "-H", "content-type: application/grpc", "-H",
                "host: grpc", "--data-binary", "@\(body)",
                "http://\(target.address):\(target.port)/some.Service/Method",
            ]
            process.standardOutput = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
        }
        for envoy in [\MeasuredMesh.client, \.server] {
            let calls = try mesh.series("istio_requests_total", of: envoy) { $0.first?.value == Double(count) }
            #expect(calls.map(\.value) == [Double(count)], "\(calls)")
            #expect(calls.first?.labels["request_protocol"] == "grpc", "\(calls)")
            let messages = try mesh.series("istio_request_messages_total", of: envoy) { !$0.isEmpty }
            #expect(messages.count == 1 && (2...2 * Double(count)).contains(messages[0].value), "\(messages)")
            #expect(messages.first?.labels["request_protocol"] == "grpc", "\(messages)")
            let answers = try mesh.series("istio_response_messages_total", of: envoy) { !$0.isEmpty }
            #expect(answers.map(\.value) == [0], "\(answers)")
        }
    }
}
