import DiscoveryAPI
import DiscoveryServer
import EnvoyAPI
import EnvoyBootstrap
import EnvoyTesting
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import KubernetesModel
import SwiftProtobuf
import Synchronization
import Testing
import XDSServer

@testable import XDSRelay

/// Questions about the control plane, over the real port, in both of its protocols.
@Suite struct DebugTapTests {
    private func withTap(
        questions: Int = 4,
        _ body: @Sendable @escaping (Int, Oracle) async throws -> Void
    ) async throws {
        try await withFolder { folder in
            let oracle = Oracle()
            let service = AggregatedDiscoveryService(
                source: StaticSource(), questions: oracle, controlPlane: "test", logger: quiet)
            let server = DiscoveryServer(service, address: .ipv4(host: "127.0.0.1", port: 0), logger: quiet)
            var settings = DebugTapSettings()
            settings.port = 0
            settings.socketPath = "\(folder.path)/tap"
            settings.questions = questions
            let node = nodeDescription(
                of: NodeInput(role: .sidecar, addresses: ["10.0.0.7"], podName: "web-1", namespace: "shop"))
            try await withRunning([server]) { [settings] in
                var relay = DiscoveryRelaySettings(address: "127.0.0.1:\(try await server.boundPort ?? 0)")
                relay.security = .plaintext
                relay.tokenFile = nil
                let tap = DebugTap(settings, relay: relay, node: node, logger: quiet)
                try await withRunning([tap]) { try await body(try await tap.boundPort, oracle) }
                oracle.release()
            }
        }
    }

    @Test func pagesAreReadOverHTTP() async throws {
        try await withTap { port, oracle in
            let status = try await request(port: port, "/debug/syncz")
            #expect(status.status == 200)
            let json = try JSONValue(parsing: status.body)
            #expect(json["typeUrl"] == "istio.io/debug/syncz")
            #expect(json["resources"]?.array?.first?["node", "id"] == "a-proxy")
            let page = try await request(port: port, "/debug/ndsz?proxyID=web-1.shop")
            let found = try JSONValue(parsing: page.body)["resources"]?.array?.first
            #expect(found == ["@type": "istio.io/debug", "value": ["page": "ndsz?proxyID=web-1.shop"]])
            _ = try await request(port: port, "/debug?resourceName=mesh")
            _ = try await request(port: port, "/debug/config_dump?resourceName=web-1.shop")
            #expect(
                oracle.asked == [
                    "sidecar~10.0.0.7~web-1.shop~shop.svc.cluster.local istio.io/debug/syncz []",
                    "sidecar~10.0.0.7~web-1.shop~shop.svc.cluster.local istio.io/debug [ndsz?proxyID=web-1.shop]",
                    "sidecar~10.0.0.7~web-1.shop~shop.svc.cluster.local istio.io/debug [mesh]",
                    "sidecar~10.0.0.7~web-1.shop~shop.svc.cluster.local istio.io/debug/config_dump [web-1.shop]",
                ])
            #expect(try await request(port: port, "/").status == 404)
        }
    }

    @Test func refusalsAreToldAndEndNothing() async throws {
        try await withTap { port, _ in
            let refused = try await request(port: port, "/debug/secret")
            #expect(refused.status == 403)
            #expect(refused.body.contains("not for you"))
            #expect(try await request(port: port, "/debug/syncz").status == 200)
        }
    }

    @Test func questionsArePassedOnOverGRPC() async throws {
        try await withTap { port, oracle in
            try await withStub(port) { stub in
                for _ in 0..<2 {
                    let answer = try await ask(stub, TypeURL.debugSync.rawValue, [])
                    let status = try Envoy_Service_Status_V3_ClientConfig(
                        unpackingAny: try #require(answer?.resources.first))
                    #expect(status.node.id == "a-proxy")
                }
                let error = await #expect(throws: RPCError.self) {
                    _ = try await ask(stub, TypeURL.cluster.rawValue, [])
                }
                #expect(error?.code == .invalidArgument)
                let refused = await #expect(throws: RPCError.self) {
                    _ = try await ask(stub, TypeURL.debug.rawValue, ["secret"])
                }
                #expect(refused?.code == .permissionDenied)
            }
            // What is large arrives whole.
            try await withStub(port) { stub in
                let answer = try await ask(stub, TypeURL.debug.rawValue, ["large"])
                #expect(answer?.resources.first?.value.count == 3 << 20)
            }
            #expect(oracle.asked.count == 4)
        }
    }

    @Test func onlySoManyAreUnderWay() async throws {
        try await withTap(questions: 1) { port, oracle in
            async let first = request(port: port, "/debug/slow")
            try await soon("one is under way") { oracle.asked.count == 1 }
            #expect(try await request(port: port, "/debug/syncz").status == 429)
            oracle.release()
            #expect(try await first.status == 200)
            #expect(try await request(port: port, "/debug/syncz").status == 200)
        }
    }

    @Test func aPortThatIsTakenEndsNothing() async throws {
        try await withTap { port, _ in
            try await withFolder { folder in
                var settings = DebugTapSettings()
                settings.port = port
                settings.socketPath = "\(folder.path)/tap"
                let node = nodeDescription(
                    of: NodeInput(role: .sidecar, addresses: ["10.0.0.7"], podName: "web-1", namespace: "shop"))
                let relay = DiscoveryRelaySettings(address: "127.0.0.1:1")
                let other = DebugTap(settings, relay: relay, node: node, logger: quiet)
                try await withRunning([other]) {
                    await #expect(throws: (any Error).self) { _ = try await other.boundPort }
                    let status = try await request(port: port, "/debug/syncz").status
                    #expect(status == 200)
                }
            }
        }
    }

    private func withStub(
        _ port: Int, _ body: @Sendable @escaping (ControlPlaneStub) async throws -> Void
    ) async throws {
        let transport = try HTTP2ClientTransport.Posix(
            target: .ipv4(address: "127.0.0.1", port: port), transportSecurity: .plaintext)
        try await withGRPCClient(transport: transport) { try await body(ControlPlaneStub(wrapping: $0)) }
    }

    private func ask(
        _ stub: ControlPlaneStub, _ typeURL: String, _ names: [String]
    ) async throws -> Envoy_Service_Discovery_V3_DiscoveryResponse? {
        let (requests, ask) = AsyncStream.makeStream(of: Envoy_Service_Discovery_V3_DiscoveryRequest.self)
        ask.yield(
            .with {
                $0.typeURL = typeURL
                $0.resourceNames = names
            })
        var options = CallOptions.defaults
        options.maxResponseMessageBytes = 64 << 20
        return try await stub.streamAggregatedResources(options: options) { writer in
            for await request in requests { try await writer.write(request) }
        } onResponse: { response in
            defer { ask.finish() }
            var responses = response.messages.makeAsyncIterator()
            return try await responses.next()
        }
    }
}

/// Answers questions, and remembers who asked what.
private final class Oracle: QuestionAnswering {
    private struct State {
        var asked: [String] = []
        var isReleased = false
    }

    private let state = Mutex(State())

    var asked: [String] { state.withLock { $0.asked } }
    func release() { state.withLock { $0.isReleased = true } }

    func answers(_ typeURL: TypeURL) -> Bool { typeURL.rawValue.hasPrefix("istio.io/debug") }

    func answer(_ question: DiscoveryQuestion) async throws -> DiscoveryAnswer {
        let name = question.names.first ?? ""
        state.withLock {
            $0.asked.append(
                "\(question.client.node.id) \(question.typeURL) [\(question.names.joined(separator: ","))]")
        }
        if name == "secret" { throw RPCError(code: .permissionDenied, message: "not for you") }
        if name == "slow" {
            while !state.withLock({ $0.isReleased }) { try await Task.sleep(for: .milliseconds(10)) }
        }
        if name == "large" {
            return DiscoveryAnswer([Resource(name: name, body: [UInt8](repeating: 7, count: 3 << 20))])
        }
        if question.typeURL == .debugSync {
            let status = Envoy_Service_Status_V3_ClientConfig.with { $0.node.id = "a-proxy" }
            return DiscoveryAnswer(
                [Resource(name: "a", body: try status.serializedBytes())],
                of: TypeURL(rawValue: Envoy_Service_Status_V3_ClientConfig.typeURL))
        }
        let page: JSONValue = ["page": .string(name)]
        return DiscoveryAnswer([Resource(name: name, body: page.jsonBytes)])
    }
}
