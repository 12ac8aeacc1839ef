import AsyncHTTPClient
import Authentication
import CertificateAuthority
import ControlPlane
import DebugPages
import DiscoveryAPI
import DiscoveryServer
import EnvoyAPI
import FoundationEssentials
import GRPCCore
import KubernetesModel
import NIOCore
import NIOHTTP1
import NIOSSL
import Observability
import SwiftProtobuf
import Testing
import XDSServer

/// Who may look, and that one port speaks both TLS and plain HTTP.
@Suite struct DebugAccessTests {
    private static let reader = AuthenticatedUser.account("operator", in: "istio-operator")
    private static let stranger = AuthenticatedUser.account("bookinfo", in: "default")
    private static let site = DebugSite(revision: "default", namespace: "istio-system", identity: "istiod-1")

    private func access(_ reviews: FakeReviews) -> DebugAccess { DebugAccess(tokens: reviews, access: reviews) }

    private func request(
        from address: String?, isEncrypted: Bool, token: String? = nil
    ) -> HTTPRequestView {
        var request = HTTPRequestView(
            method: "GET", target: "/debug/syncz",
            headers: token.map { [(name: "Authorization", value: "Bearer \($0)")] } ?? [])
        request.remoteAddress = address
        request.isEncrypted = isEncrypted
        return request
    }

    @Test(arguments: ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"])
    func loopbackMayLook(_ address: String) async {
        #expect(await access(FakeReviews()).refusal(of: request(from: address, isEncrypted: false)) == nil)
    }

    @Test(arguments: ["10.0.0.1", "::2", "127.example.com", "128.0.0.1", "::ffff:10.0.0.1", nil])
    func othersMayNotWithoutTLS(_ address: String?) async {
        let reviews = FakeReviews(["t": Self.reader], allowed: [Self.reader.name])
        let reply = await access(reviews).refusal(of: request(from: address, isEncrypted: false, token: "t"))
        #expect(reply?.status == 403)
        // A token that came in the open is not even looked at.
        #expect(reviews.asked == 0)
    }

    @Test(arguments: [(nil, 401), ("unknown", 401), ("stranger", 403), ("reader", nil)] as [(String?, Int?)])
    func overTLSTheTokenDecides(_ token: String?, _ status: Int?) async {
        let reviews = FakeReviews(
            ["reader": Self.reader, "stranger": Self.stranger], allowed: [Self.reader.name])
        let reply = await access(reviews).refusal(of: request(from: "10.0.0.1", isEncrypted: true, token: token))
        #expect(reply?.status == status)
        if let token, let reply { #expect(!String(decoding: reply.body, as: UTF8.self).contains("\"\(token)\"")) }
    }

    @Test func withoutTheApiServerNobodyMay() async {
        let reviews = FakeReviews(["reader": Self.reader], allowed: [Self.reader.name])
        reviews.isReachable = false
        let reply = await access(reviews).refusal(of: request(from: "10.0.0.1", isEncrypted: true, token: "reader"))
        #expect(reply?.status == 503)
    }

    @Test func answersAboutRightsAreKeptShortly() async throws {
        let clock = TestClock()
        let reviews = FakeReviews(allowed: [Self.reader.name])
        let cached = CachedAccessReviews(reviews, now: { clock.seconds })
        for _ in 0..<3 { #expect(try await cached.mayRead("/debug/syncz", Self.reader)) }
        #expect(try await !cached.mayRead("/debug/syncz", Self.stranger))
        #expect(reviews.asked == 2)
        #expect(try await cached.mayRead("/debug/mesh", Self.reader))
        #expect(reviews.asked == 3)
        clock.pass(11)
        _ = try await cached.mayRead("/debug/syncz", Self.reader)
        #expect(reviews.asked == 4)
    }

    // MARK: the port

    private func get(_ url: String, trusting root: String) async throws -> (status: Int, text: String) {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(root.utf8)))
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls)
        // The certificate is for the Service's name; clients come by a Pod's address.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.dnsOverride = ["istiod.istio-system.svc": "127.0.0.1"]
        let client = HTTPClient(configuration: configuration)
        let result: Result<(Int, String), any Error>
        do {
            let response = try await client.execute(HTTPClientRequest(url: url), timeout: .seconds(60))
            let body = try await response.body.collect(upTo: 1 << 20)
            result = .success((Int(response.status.code), String(buffer: body)))
        } catch {
            result = .failure(error)
        }
        try await client.shutdown()
        return try result.get()
    }

    /// Prometheus comes in plain text, the operator over TLS: on one port, before and after there is a certificate.
    @Test func onePortSpeaksBoth() async throws {
        let mesh = try TestMesh()
        let debugging = ControlPlaneDebugging(site: Self.site, now: { .now })
        let surface = debugging.surface
        var routes = HTTPRoutes(["/metrics": HTTPRoute { _ in .text("up 1\n") }]).merging(surface.routes)
        routes["/encrypted"] = HTTPRoute { .text("\($0.isEncrypted) \($0.remoteAddress ?? "")") }
        let server = HTTPEndpoints(
            host: "127.0.0.1", port: 0, routes: routes, security: surface.security, logger: silent)
        try await withService(server) {
            let port = try await server.boundPort
            let root = mesh.root.rootCertificatePEM
            let secure = "https://istiod.istio-system.svc:\(port)"
            #expect(try await get("http://127.0.0.1:\(port)/metrics", trusting: root).text == "up 1\n")
            await #expect(throws: (any Error).self) { _ = try await get("\(secure)/metrics", trusting: root) }
            try await withDiscovery(StaticSource()) { service, _ in
                debugging.open(
                    MadeUpState(streams: service.streams), access: access(FakeReviews()),
                    certificate: mesh.serving.http)
                let metrics = try await get("\(secure)/metrics", trusting: root)
                #expect(metrics.text == "up 1\n")
                #expect(try await get("\(secure)/encrypted", trusting: root).text == "true 127.0.0.1")
                #expect(try await get("\(secure)/debug/syncz", trusting: root).text == "[]")
                let plain = "http://127.0.0.1:\(port)"
                #expect(try await get("\(plain)/encrypted", trusting: root).text == "false 127.0.0.1")
                #expect(try await get("\(plain)/metrics", trusting: root).text == "up 1\n")
            }
        }
    }

    /// The routes that every program has are guarded like the others; those that are not for people are open.
    @Test func everythingBelowDebugIsGuarded() async {
        let routes = HTTPRoutes([
            "/debug/level": HTTPRoute { _ in .text("level") }, "/debug": HTTPRoute { _ in .text("index") },
            "/metrics": HTTPRoute { _ in .text("up") }, "/debugger": HTTPRoute { _ in .text("other") },
        ]).guarded(below: "/debug") { _ in .text("no", status: 403) }
        for (path, status) in [("/debug/level", 403), ("/debug", 403), ("/metrics", 200), ("/debugger", 200)] {
            #expect(await routes.reply(to: HTTPRequestView(method: "GET", target: path)).status == status, "\(path)")
        }
    }

    // MARK: over xDS

    private func question(_ names: [String], from identities: [String]) async throws -> String {
        let questions = DebugQuestions(ControlPlaneDebugging(site: Self.site, now: { .now }), site: Self.site)
        let client = DiscoveryClient(
            node: NodeIdentity(id: "debug~0.0.0.0~istioctl~cluster.local"), identity: PeerIdentity(names: identities),
            variant: .stateOfTheWorld)
        let answer = try await questions.answer(DiscoveryQuestion(.debug, names: names, client: client))
        return answer.resources.map { String(decoding: $0.body, as: UTF8.self) }.joined()
    }

    @Test func overXDSOnlyTheControlPlanesNamespaceMayAsk() async throws {
        let own = ["spiffe://cluster.local/ns/istio-system/sa/istiod"]
        #expect(try await question(["list"], from: own).contains("still starts"))
        for (names, identities, code) in [
            (["syncz"], [], .unauthenticated),
            (["syncz"], ["spiffe://cluster.local/ns/default/sa/a"], .permissionDenied),
            ([], own, .invalidArgument), (["syncz", "mesh"], own, .invalidArgument),
        ] as [([String], [String], RPCError.Code)] {
            let error = await #expect(throws: RPCError.self) { _ = try await question(names, from: identities) }
            #expect(error?.code == code)
        }
    }

    /// A workload may look at what the proxies of its own namespace are to have, and at nothing else.
    @Test func otherWorkloadsSeeTheirOwnNamespacesProxies() async throws {
        let identities = ["spiffe://cluster.local/ns/shop/sa/web"]
        for page in ["config_dump", "edsz", "ecdsz", "ndsz"] {
            #expect(try await question(["\(page)?proxyID=web-1.shop"], from: identities).contains("still starts"))
        }
        #expect(
            try await question(["ndsz?proxyID=sidecar~10.0.0.1~web-1.shop~shop.svc"], from: identities)
                .contains("still starts"))
        for name in [
            "syncz", "connections", "config_dump", "config_dump?proxyID=a.other", "config_dump?proxyID=shop",
            "config_dump?proxyID=sidecar~1~a.other~x.shop", "mesh?proxyID=web-1.shop", "../mesh?proxyID=web-1.shop",
        ] {
            let error = await #expect(throws: RPCError.self) { _ = try await question([name], from: identities) }
            #expect(error?.code == .permissionDenied, "\(name)")
        }
    }

    /// `istioctl proxy-status` reads Envoy's messages.
    @Test func proxyStatusIsAnswered() async throws {
        let debugging = ControlPlaneDebugging(site: Self.site, now: { .now })
        let source = StaticSource(ResourceCache([.cluster: ResourceSnapshot([Resource(name: "c", body: [])])]))
        try await withDiscovery(source, questions: Anybody(questions: DebugQuestions(debugging, site: Self.site))) {
            service, port in
            debugging.open(
                MadeUpState(streams: service.streams), access: access(FakeReviews()),
                certificate: try TestMesh().serving.http)
            try await TestProxy.connect(port: port, [TestProxy.request(.cluster)]) { _ in
                try await eventually("synced") { service.streams.connections().first?.status.isSynced ?? false }
                try await TestProxy.connect(port: port, [TestProxy.request(.debugSync, id: "debug~~istioctl~")]) {
                    responses in
                    let answers = try #require(responses.first?.resources)
                    #expect(responses.first?.typeURL == "istio.io/debug/syncz")
                    #expect(answers.count == 1)
                    let status = try Envoy_Service_Status_V3_ClientConfig(unpackingAny: answers[0])
                    #expect(status.node.id == "reviews-1.default")
                    #expect(
                        status.genericXdsConfigs.first { $0.typeURL == TypeURL.cluster.rawValue }?.configStatus
                            == .synced)
                    #expect(
                        status.genericXdsConfigs.first { $0.typeURL == TypeURL.route.rawValue }?.configStatus
                            == .notSent)
                }
            }
        }
    }

    /// Passes questions on as the control plane's own.
    private struct Anybody: QuestionAnswering {
        var questions: DebugQuestions

        func answers(_ typeURL: TypeURL) -> Bool { questions.answers(typeURL) }

        func answer(_ question: DiscoveryQuestion) async throws -> DiscoveryAnswer {
            var question = question
            question.client.identity = PeerIdentity(names: ["spiffe://cluster.local/ns/istio-system/sa/istiod"])
            return try await questions.answer(question)
        }
    }

    /// As istioctl does it: over TLS, with a token, and a node that is no proxy's.
    @Test func istioctlAsksOverXDS() async throws {
        let mesh = try TestMesh()
        let token = token("istiod", in: "istio-system")
        let reviews = FakeReviews([token: .account("istiod", in: "istio-system")])
        let debugging = ControlPlaneDebugging(site: Self.site, now: { .now })
        let authenticator = WorkloadAuthenticator(
            tokens: reviews, trustDomain: "cluster.local", now: { 0 }, logger: silent)
        try await withDiscovery(
            AuthorizedSource(StaticSource(), logger: silent), security: .tls(mesh.serving.discovery),
            authenticator: authenticator, questions: DebugQuestions(debugging, site: Self.site)
        ) { service, port in
            debugging.open(
                MadeUpState(streams: service.streams), access: access(reviews), certificate: mesh.serving.http)
            let request = TestProxy.request(.debug, ["connections"], id: "debug~0.0.0.0~istioctl~cluster.local")
            try await TestProxy.connect(
                port: port, security: mesh.anonymousClient, headers: ["authorization": "Bearer \(token)"], [request]
            ) { responses in
                let answer = try #require(responses.first?.resources.first)
                #expect(answer.typeURL == "istio.io/debug")
                let json = try JSONValue(parsing: Array(answer.value))
                #expect(
                    json["clients"]?.array?.first?["identities"]
                        == ["spiffe://cluster.local/ns/istio-system/sa/istiod"])
            }
            for (headers, expected) in [
                ([:], .unauthenticated), (["authorization": "Bearer x"], .unauthenticated),
            ] as [(Metadata, RPCError.Code)] {
                let error = await #expect(throws: RPCError.self) {
                    try await TestProxy.connect(
                        port: port, security: mesh.anonymousClient, headers: headers, [request])
                }
                #expect(error?.code == expected)
            }
        }
    }
}
