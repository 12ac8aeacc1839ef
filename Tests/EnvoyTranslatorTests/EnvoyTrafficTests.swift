import EnvoyAPI
import EnvoyTesting
import EnvoyTranslator
import Foundation
import MeshModel
import SwiftProtobuf
import Testing

/// Two real Envoys on loopback addresses: a client's and a server's sidecar, and an application behind the latter.
///
/// Nothing is captured here: the client's listeners listen on their own, and the server's listens where its workload
/// would. Everything else is what proxies are sent.
private struct TwoSidecars {
    let client: RunningEnvoy
    let server: RunningEnvoy
    let services: [String: (address: String, port: Int)]
    let workload: [String: Int]

    static let serverAddress = "127.66.0.2"

    init(inboundTLS: InboundTLS) throws {
        let kinds: [(String, MeshProtocol)] = [
            ("http", .http), ("grpc", .grpc), ("web", .auto), ("echo", .auto), ("tcp", .tcp),
        ]
        let ports = try freePorts(2 * kinds.count + 4)
        var mesh = Mesh()
        mesh.snapshot.settings.inboundPolicy = .localhost
        var services: [String: (String, Int)] = [:]
        var workload: [String: Int] = [:]
        for (index, kind) in kinds.enumerated() {
            let address = "127.66.1.\(index + 1)"
            services[kind.0] = (kind.1.isHTTP ? "127.0.0.1" : address, ports[index])
            workload[kind.0] = ports[kinds.count + index]
            mesh.add(
                kind.0, addresses: [address],
                ports: [
                    ServicePort(
                        name: kind.0, number: ports[index], meshProtocol: kind.1,
                        target: .number(ports[kinds.count + index]))
                ], pods: [Self.serverAddress])
        }
        self.services = services
        self.workload = workload
        let authority = try TestAuthority()

        mesh.snapshot.settings.outboundPort = ports[2 * kinds.count]
        mesh.snapshot.settings.inboundPort = ports[2 * kinds.count + 1]
        let clientFolder = try TestFolder()
        var resources = try mesh.resources(
            for: mesh.sidecar(of: "client", at: ["127.66.0.1"]), settings: .init(sources: .folder(clientFolder)))
        for index in resources.listeners.indices { resources.listeners[index].bindToPort = true }
        client = try RunningEnvoy(
            resources, secrets: authority.secrets(for: ["spiffe://cluster.local/ns/default/sa/client"]),
            in: clientFolder)

        mesh.snapshot.settings.outboundPort = ports[2 * kinds.count + 2]
        mesh.snapshot.settings.inboundPort = ports[2 * kinds.count + 3]
        mesh.demand(inboundTLS)
        let serverFolder = try TestFolder()
        resources = try mesh.resources(
            for: mesh.sidecar(of: "server", at: [Self.serverAddress]),
            settings: .init(sources: .folder(serverFolder)))
        if let inbound = resources.listeners.firstIndex(where: { $0.name == "virtualInbound" }) {
            resources.listeners[inbound].address = .with {
                $0.socketAddress.address = Self.serverAddress
                $0.socketAddress.portValue = UInt32(workload["http"] ?? 0)
            }
            resources.listeners[inbound].additionalAddresses = workload.filter { $0.key != "http" }.map { entry in
                .with {
                    $0.address.socketAddress.address = Self.serverAddress
                    $0.address.socketAddress.portValue = UInt32(entry.value)
                }
            }
        }
        server = try RunningEnvoy(
            resources,
            // All services are one workload here, so the certificate has to carry the names of all.
            secrets: authority.secrets(for: kinds.map { "spiffe://cluster.local/ns/default/sa/bookinfo-\($0.0)" }),
            in: serverFolder,
            application: [
                .application("http", workload["http"], try .answering()),
                .application("grpc", workload["grpc"], try .answering()),
                .application("web", workload["web"], try .answering()),
                .application("echo", workload["echo"], try .echoing()),
                .application("tcp", workload["tcp"], try .greeting()),
            ])
    }

    func stop() {
        client.stop()
        server.stop()
    }

    /// What the client's application gets for a request.
    func get(_ service: String) throws -> String {
        let target = try #require(services[service])
        return try exchange(
            with: target.address, port: target.port,
            sending: "GET / HTTP/1.1\r\nhost: \(service)\r\nconnection: close\r\n\r\n")
    }
}

@Suite("Two real Envoys", .enabled(if: EnvoyProgram.path != nil, "\(EnvoyProgram.absence)"))
struct EnvoyTrafficTests {
    @Test(
        "All that both are sent is taken, and calls arrive through mutual TLS, whatever they speak",
        arguments: [InboundTLSMode.permissive, .strict])
    func callsArrive(mode: InboundTLSMode) throws {
        let mesh = try TwoSidecars(inboundTLS: InboundTLS(mode))
        defer { mesh.stop() }
        for envoy in [mesh.client, mesh.server] {
            let rejected = try envoy.statistics("update_rejected|update_failure|create_failure")
            #expect(!rejected.isEmpty)
            #expect(rejected.filter { $0.value != 0 } == [:])
        }

        for service in ["http", "grpc", "web"] {
            let answer = try mesh.get(service)
            #expect(answer.hasPrefix("HTTP/1.1 200"), "\(service): \(answer)")
            #expect(answer.contains("served: \(service)"), "\(service): \(answer)")
            // The application is told who called: the connection was HTTP within mutual TLS to the server's sidecar.
            #expect(answer.contains("URI=spiffe://cluster.local/ns/default/sa/client"), "\(service): \(answer)")
        }
        #expect(try mesh.get("grpc").contains("protocol: HTTP/2"))
        #expect(try mesh.get("http").contains("protocol: HTTP/1.1"))

        let greeting = try exchange(
            with: mesh.services["tcp"]?.address ?? "", port: mesh.services["tcp"]?.port ?? 0, sending: "")
        #expect(greeting == "server speaks first")
        let echo = try exchange(
            with: mesh.services["echo"]?.address ?? "", port: mesh.services["echo"]?.port ?? 0,
            sending: "no HTTP at all\n", until: "\n")
        #expect(echo == "no HTTP at all\n")

        // TCP on a sniffed port took the TCP chain, under mutual TLS.
        let port = mesh.workload["echo"] ?? 0
        let tcp = try mesh.server.statistics("tcp.inbound_\(port)".replacingOccurrences(of: "_", with: "."))
        #expect(tcp.first { $0.key.hasSuffix("downstream_cx_total") }?.value == 1, "\(tcp)")
        let handshakes = try mesh.server.statistics("ssl.handshake")
        #expect(handshakes.values.reduce(0, +) >= 5, "\(handshakes)")
    }

    @Test(
        "HTTP/2 passes a sniffed port as HTTP/2",
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/curl")))
    func sniffedHTTP2() throws {
        let mesh = try TwoSidecars(inboundTLS: InboundTLS(.strict))
        defer { mesh.stop() }
        let target = try #require(mesh.services["web"])
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/curl")
        process.arguments = [
            "-s", "-i", "--noproxy", "*", "--http2-prior-knowledge", "http://\(target.address):\(target.port)/",
        ]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let answer = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(answer.hasPrefix("HTTP/2 200"), "\(answer)")
        #expect(answer.contains("protocol: HTTP/2"), "\(answer)")
    }

    @Test("Plaintext is served under PERMISSIVE, and refused under STRICT")
    func plaintext() throws {
        for (mode, isServed) in [(InboundTLSMode.permissive, true), (.strict, false)] {
            let mesh = try TwoSidecars(inboundTLS: InboundTLS(mode))
            defer { mesh.stop() }
            let answer = try? exchange(
                with: TwoSidecars.serverAddress, port: mesh.workload["http"] ?? 0,
                sending: "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            #expect((answer ?? "").contains("served: http") == isServed, "\(mode): \(answer ?? "refused")")
        }
    }

    @Test("A host that the mesh does not know is answered with 502 where only known ones are allowed")
    func unknownHost() throws {
        let ports = try freePorts(3)
        var mesh = Mesh()
        mesh.snapshot.settings.outboundPolicy = .registryOnly
        mesh.snapshot.settings.outboundPort = ports[0]
        mesh.snapshot.settings.inboundPort = ports[1]
        mesh.add(
            "http", addresses: ["127.66.1.1"],
            ports: [ServicePort(name: "http", number: ports[2], meshProtocol: .http)])
        let folder = try TestFolder()
        var resources = try mesh.resources(for: mesh.sidecar(), settings: .init(sources: .folder(folder)))
        for index in resources.listeners.indices { resources.listeners[index].bindToPort = true }
        let envoy = try RunningEnvoy(
            resources, secrets: try TestAuthority().secrets(for: ["spiffe://cluster.local/ns/default/sa/x"]), in: folder
        )
        defer { envoy.stop() }
        func status(_ host: String) throws -> String {
            let answer = try exchange(
                with: "127.0.0.1", port: ports[2],
                sending: "GET / HTTP/1.1\r\nhost: \(host)\r\nconnection: close\r\n\r\n")
            return String(answer.prefix(12))
        }
        #expect(try status("example.com") == "HTTP/1.1 502")
        #expect(try status("http:\(ports[2])") == "HTTP/1.1 503")  // known, and nobody serves it
    }
}

extension ConfigSources {
    fileprivate static func folder(_ folder: TestFolder) -> ConfigSources {
        ConfigSources(resources: .folder(folder.path), secrets: .folder(folder.path))
    }
}
