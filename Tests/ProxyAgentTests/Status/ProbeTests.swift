import DiscoveryAPI
import EnvoyTesting
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import NIOCore
import NIOPosix
import NIOSSL
import Observability
import ServiceLifecycle
import SwiftProtobuf
import Testing

@testable import StatusServer

@Suite(.timeLimit(.minutes(10))) struct ProbeTests {
    private let target = ProbeTarget(address: "127.0.0.1")

    /// What the kubelet is answered, for a probe of an application with these routes.
    private func reply(
        to probe: JSONProbe, routes: HTTPRoutes, security: HTTPConnectionSecurity? = nil,
        headers: [(name: String, value: String)] = []
    ) async throws -> HTTPReply {
        let application = HTTPEndpoints(
            host: "127.0.0.1", port: 0, routes: routes, security: security, logger: silentLogger)
        return try await withServices([application]) {
            let port = try await application.boundPort
            let probes = AppProbes(parsing: "{\"/app-health/web/livez\":\(probe.text(port))}")
            let found = try #require(probes.byPath["/app-health/web/livez"], "\(probes.problems)")
            return await found.reply(
                to: HTTPRequestView(method: "GET", target: "/app-health/web/livez", headers: headers), at: target)
        }
    }

    struct JSONProbe: Sendable {
        var text: @Sendable (Int) -> String
        init(_ text: @escaping @Sendable (Int) -> String) { self.text = text }
    }

    @Test(arguments: [200, 204, 418, 503])
    func answersAsTheApplicationDoes(_ status: Int) async throws {
        let routes = HTTPRoutes(["/alive": HTTPRoute { _ in .text("so it is", status: status) }])
        let probe = JSONProbe { #"{"httpGet":{"path":"/alive","port":\#($0)},"timeoutSeconds":60}"# }
        #expect(try await reply(to: probe, routes: routes).status == status)
    }

    @Test func passesHeadersButNoneOfTheConnection() async throws {
        let routes = HTTPRoutes([
            "/alive": HTTPRoute { request in
                let names = ["host", "user-agent", "x-probe", "x-hop", "upgrade", "connection"]
                return .text(names.map { "\($0)=\(request.header($0) ?? "-")" }.joined(separator: " "))
            }
        ])
        let probe = JSONProbe {
            """
            {"httpGet":{"path":"alive","port":\($0),"host":"web.test","httpHeaders":[{"name":"X-Probe","value":"1"}]},"timeoutSeconds":60}
            """
        }
        let body = try await reply(
            to: probe, routes: routes,
            headers: [
                ("Host", "10.0.0.1:15020"), ("User-Agent", "kube-probe/1.20"), ("Connection", "x-hop"), ("X-Hop", "1"),
                ("Upgrade", "h2c"), ("x-probe", "0"),
            ]
        ).body
        let text = String(decoding: body, as: UTF8.self)
        #expect(text == "host=web.test user-agent=kube-probe/1.20 x-probe=1 x-hop=- upgrade=- connection=close")
    }

    @Test func followsRedirectsWithinThePodOnly() async throws {
        func redirect(_ location: String) -> HTTPRoute {
            HTTPRoute { _ in
                var reply = HTTPReply.text("moved", status: 302)
                reply.headers = [.init(name: "Location", value: location)]
                return reply
            }
        }
        let routes = HTTPRoutes([
            "/in": redirect("/alive"), "/out": redirect("http://192.0.2.1/alive"), "/loop": redirect("/loop"),
            "/alive": HTTPRoute { _ in .text("alive") },
        ])
        for (path, status) in [("/in", 200), ("/out", 302), ("/loop", 500)] {
            let probe = JSONProbe { #"{"httpGet":{"path":"\#(path)","port":\#($0)},"timeoutSeconds":60}"# }
            #expect(try await reply(to: probe, routes: routes).status == status, "\(path)")
        }
    }

    @Test func takesAnyCertificate() async throws {
        let identity = try TestAuthority().server(["somebody.else"])
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(identity.certificate.utf8)).map {
                .certificate($0)
            }, privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(identity.privateKey.utf8), format: .pem)))
        configuration.certificateVerification = .none
        let context = try NIOSSLContext(configuration: configuration)
        let security = HTTPConnectionSecurity(
            prepare: { try $0.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context)) },
            isEncrypted: { _ in true })
        let routes = HTTPRoutes(["/alive": HTTPRoute { .text("\($0.isEncrypted)") }])
        let probe = JSONProbe { #"{"httpGet":{"path":"/alive","port":\#($0),"scheme":"HTTPS"},"timeoutSeconds":60}"# }
        let answer = try await reply(to: probe, routes: routes, security: security)
        #expect(answer.status == 200)
        #expect(answer.body == Array("true".utf8))
    }

    @Test func failsAfterItsTime() async throws {
        let routes = HTTPRoutes([
            "/slow": HTTPRoute { _ in
                try? await Task.sleep(for: .seconds(60))
                return .text("late")
            }
        ])
        let probe = JSONProbe { #"{"httpGet":{"path":"/slow","port":\#($0)},"timeoutSeconds":1}"# }
        let start = ContinuousClock.now
        #expect(try await reply(to: probe, routes: routes).status == 500)
        #expect(ContinuousClock.now - start < .seconds(50))
    }

    @Test func failsWhereNobodyListens() async throws {
        let port = try await freePort()
        for kind in [
            AppProbe.Kind.tcp(port: port), .grpc(port: port, service: ""),
            .http(.init(port: port, path: "/", isEncrypted: false, headers: [])),
        ] {
            let answer = await AppProbe(kind).reply(to: HTTPRequestView(method: "GET", target: "/"), at: target)
            #expect(answer.status == 500, "\(kind)")
        }
    }

    @Test func callsFromAnywhereWhereThePodHasNoSuchAddress() async throws {
        var target = target
        target.source = "192.0.2.77"
        let application = HTTPEndpoints(
            host: "127.0.0.1", port: 0, routes: HTTPRoutes(["/": HTTPRoute { _ in .text("here") }]),
            logger: silentLogger)
        try await withServices([application]) { [target] in
            let probe = AppProbe(.tcp(port: try await application.boundPort))
            let answer = await probe.reply(to: HTTPRequestView(method: "GET", target: "/"), at: target)
            #expect(answer.status == 200)
        }
    }

    @Test func comesFromTheAddressThatCaptureLetsThrough() async throws {
        let routes = HTTPRoutes(["/who": HTTPRoute { .text($0.remoteAddress ?? "") }])
        let probe = JSONProbe { #"{"httpGet":{"path":"/who","port":\#($0)},"timeoutSeconds":60}"# }
        #expect(try await reply(to: probe, routes: routes).body == Array("127.0.0.6".utf8))
    }

    @Test func asksWhetherSomethingListens() async throws {
        let probe = JSONProbe { #"{"tcpSocket":{"port":"\#($0)"},"timeoutSeconds":60}"# }
        #expect(try await reply(to: probe, routes: HTTPRoutes()).status == 200)
    }

    @Test(arguments: [("", 200), ("known", 200), ("down", 500), ("unknown", 500)])
    func asksTheHealthServiceOfGRPC(_ service: String, _ status: Int) async throws {
        let server = GRPCServer(
            transport: .http2NIOPosix(address: .ipv4(host: "127.0.0.1", port: 0), transportSecurity: .plaintext),
            services: [Health()])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.serve() }
            let address = try await server.listeningAddress
            let port = try #require(address?.ipv4?.port)
            let probe = AppProbe(.grpc(port: port, service: service), timeout: .seconds(30))
            let answer = await probe.reply(to: HTTPRequestView(method: "GET", target: "/"), at: target)
            #expect(answer.status == status, "\(String(decoding: answer.body, as: UTF8.self))")
            server.beginGracefulShutdown()
        }
    }

    @Test(arguments: ["[]", "{", #"{"/app-health/a/livez":{}}"#, #"{"/other":{"tcpSocket":{"port":1}}}"#])
    func saysWhatItCannotRead(_ text: String) {
        let probes = AppProbes(parsing: text)
        #expect(probes.byPath.isEmpty)
        #expect(probes.problems.count == 1)
    }
}

/// An application's health service: one service is well, one is not, and others are not there.
private struct Health: Grpc_Health_V1_Health.SimpleServiceProtocol {
    func check(
        request: Grpc_Health_V1_HealthCheckRequest, context: ServerContext
    ) async throws -> Grpc_Health_V1_HealthCheckResponse {
        switch request.service {
        case "", "known": .with { $0.status = .serving }
        case "down": .with { $0.status = .notServing }
        default: throw RPCError(code: .notFound, message: "no such service")
        }
    }

    func watch(
        request: Grpc_Health_V1_HealthCheckRequest, response: RPCWriter<Grpc_Health_V1_HealthCheckResponse>,
        context: ServerContext
    ) async throws {}
}
