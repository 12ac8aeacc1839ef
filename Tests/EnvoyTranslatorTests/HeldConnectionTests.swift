import EnvoyAPI
import EnvoyTesting
import EnvoyTranslator
import Foundation
import MeshModel
import SwiftProtobuf
import Synchronization
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

@Suite("Connections to a workload that does not listen yet")
struct HeldConnectionTests {
    @Test("They are held by TCP chains of declared ports, and by nobody else")
    func chains() throws {
        var mesh = Mesh()
        mesh.add(
            "own", addresses: ["10.96.0.1"],
            ports: [
                ServicePort(name: "tcp", number: 70, meshProtocol: .tcp),
                ServicePort(name: "http", number: 80, meshProtocol: .http),
                ServicePort(name: "auto", number: 81, meshProtocol: .auto),
            ], pods: ["10.244.0.1"])
        mesh.add(
            "other", addresses: ["10.96.0.2"], ports: [ServicePort(name: "tcp", number: 71, meshProtocol: .tcp)],
            pods: ["10.244.0.2"])
        let resources = try mesh.resources(for: mesh.sidecar())
        var held: Set<String> = []
        for chain in resources.listeners.flatMap(\.filterChains) {
            for filter in chain.filters where filter.typedConfig.typeURL.hasSuffix(".TcpProxy") {
                let proxy = try Envoy_Extensions_Filters_Network_TcpProxy_V3_TcpProxy(unpackingAny: filter.typedConfig)
                guard proxy.hasMaxConnectAttempts || proxy.hasBackoffOptions else { continue }
                held.insert(proxy.cluster)
                #expect(proxy.maxConnectAttempts.value == 10)
                #expect(proxy.backoffOptions.baseInterval == .with { $0.nanos = 25_000_000 })
                #expect(proxy.backoffOptions.maxInterval == .with { $0.nanos = 250_000_000 })
            }
        }
        #expect(held == ["inbound|70||", "inbound|81||"])
    }

    @Test(
        "A client that comes before the workload listens is served once it does; one that waits in vain is let go",
        .enabled(if: EnvoyProgram.path != nil, "\(EnvoyProgram.absence)"))
    func heldUntilServed() throws {
        let address = "127.67.0.2"
        let ports = try freePorts(3)
        var mesh = Mesh()
        mesh.snapshot.settings.inboundPolicy = .localhost
        mesh.snapshot.settings.outboundPort = ports[1]
        mesh.snapshot.settings.inboundPort = ports[2]
        mesh.add(
            "late", addresses: ["10.96.0.1"],
            ports: [ServicePort(name: "tcp", number: 70, meshProtocol: .tcp, target: .number(ports[0]))],
            pods: [address])
        mesh.demand(.init(.disable))
        let folder = try TestFolder()
        var resources = try mesh.resources(
            for: mesh.sidecar(of: "server", at: [address]),
            settings: .init(sources: ConfigSources(resources: .folder(folder.path), secrets: .folder(folder.path))))
        let inbound = try #require(resources.listeners.firstIndex { $0.name == "virtualInbound" })
        // It listens where its workload is called: nothing is captured here.
        resources.listeners[inbound].address = .with {
            $0.socketAddress.address = address
            $0.socketAddress.portValue = UInt32(ports[0])
        }
        let envoy = try RunningEnvoy(resources, secrets: [], in: folder)
        defer { envoy.stop() }
        func failures() throws -> Int { try envoy.statistics("inbound.*upstream_cx_connect_fail").values.max() ?? 0 }

        // In vain: closed without a word, within the three seconds that the client waits.
        let start = ContinuousClock.now
        #expect(try exchange(with: address, port: ports[0], sending: "hello") == "")
        #expect(ContinuousClock.now - start < .seconds(3))
        #expect(try failures() == 10)

        // The workload begins to listen after the client's first attempts failed.
        let client = WaitingClient(address, ports[0])
        try wait("the client's first attempts fail") { try failures() >= 12 }
        let workload = try AnsweringOnce(port: ports[0])
        try workload.answer("at last")
        try wait("the client hears something") { client.answer != nil }
        #expect(client.answer == "at last")
    }

    private func wait(_ what: String, until isSo: () throws -> Bool) throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while try !isSo() {
            guard ContinuousClock.now < deadline else { throw SocketFailure(description: "not within 60 s: \(what)") }
        }
    }
}

/// A client on a thread of its own: tests that wait keep the threads of tasks.
private final class WaitingClient: Sendable {
    private let heard = Mutex<String?>(nil)
    var answer: String? { heard.withLock { $0 } }

    init(_ address: String, _ port: Int) {
        Thread.detachNewThread { [self] in
            let answer = (try? exchange(with: address, port: port, sending: "hello")) ?? "no connection"
            heard.withLock { $0 = answer }
        }
    }
}

/// A workload that serves one connection.
private struct AnsweringOnce {
    private let listener: Int32

    init(port: Int) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard bound == 0, listen(listener, 8) == 0 else { throw SocketFailure(description: "errno \(errno)") }
    }

    func answer(_ text: String) throws {
        var waiting = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, 60_000) == 1 else { throw SocketFailure(description: "nobody came within 60 s") }
        let connection = accept(listener, nil, nil)
        defer {
            close(connection)
            close(listener)
        }
        var buffer = [UInt8](repeating: 0, count: 64)
        _ = recv(connection, &buffer, buffer.count, 0)
        let bytes = Array(text.utf8)
        guard send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw SocketFailure(description: "cannot answer: errno \(errno)")
        }
    }
}
