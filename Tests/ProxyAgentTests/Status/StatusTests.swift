import Metrics
import NIOCore
import NIOPosix
import Observability
import ServiceLifecycle
import Synchronization
import Testing

@testable import ProxyAgent

@Suite(.timeLimit(.minutes(10))) struct StatusTests {
    /// The agent's status, with an application and an Envoy that show these pages, as a caller on the loopback sees it.
    private func withStatus(
        application: HTTPRoutes = HTTPRoutes(), envoy: HTTPRoutes = HTTPRoutes(), target: String = "/metrics",
        change: @escaping @Sendable (inout AgentStatus) -> Void = { _ in },
        body: @escaping @Sendable (Int) async throws -> Void
    ) async throws {
        let app = HTTPEndpoints(host: "127.0.0.1", port: 0, routes: application, logger: silentLogger)
        let proxy = HTTPEndpoints(host: "127.0.0.1", port: 0, routes: envoy, logger: silentLogger)
        try await withServices([app, proxy]) {
            let registry = MetricsRegistry()
            Counter(label: "things_total", factory: registry).increment()
            var status = AgentStatus(
                problem: { nil },
                metrics: MergedMetrics(
                    envoy: EnvoyAdministration(port: try await proxy.boundPort),
                    application: [ScrapeTarget(port: try await app.boundPort, path: target)],
                    target: ProbeTarget(address: "127.0.0.1"), agent: registry,
                    counts: StatusMetrics(factory: registry), logger: silentLogger),
                drain: {}, quit: {})
            change(&status)
            let server = HTTPEndpoints(host: "127.0.0.1", port: 0, routes: status.routes, logger: silentLogger)
            try await withServices([server]) { try await body(try await server.boundPort) }
        }
    }

    private func page(_ text: String, type: String = "text/plain; version=0.0.4") -> HTTPRoute {
        HTTPRoute { _ in .text(text, contentType: type) }
    }

    @Test func mergesThreePages() async throws {
        let application = HTTPRoutes(["/metrics": page("# TYPE web_total counter\nweb_total 7\n")])
        let envoy = HTTPRoutes(["/stats/prometheus": page("# TYPE envoy_server_live gauge\nenvoy_server_live{} 1\n")])
        try await withStatus(application: application, envoy: envoy) { port in
            for path in ["/stats/prometheus", "/metrics"] {
                let text = try await request(port: port, path).body
                #expect(text.contains("# TYPE web_total counter\nweb_total 7\n"))
                #expect(text.contains("envoy_server_live{} 1\n"))
                #expect(text.contains("istio_agent_things_total 1\n"))
            }
            let own = try await request(port: port, "/stats/envoy").body
            #expect(own == "# TYPE envoy_server_live gauge\nenvoy_server_live{} 1\n")
        }
    }

    @Test func aMalformedPageCostsOnlyItsOwnLines() async throws {
        let application = HTTPRoutes(["/metrics": page("<html>\ngood 1\nbad{ 2\n")])
        let envoy = HTTPRoutes(["/stats/prometheus": page("envoy_server_live{} 1\n")])
        try await withStatus(application: application, envoy: envoy) { port in
            let text = try await request(port: port, "/metrics").body
            #expect(text.contains("good 1\n"))
            #expect(!text.contains("bad"))
            #expect(!text.contains("html"))
            #expect(text.contains("envoy_server_live{} 1\n"))
            #expect(text.contains("istio_agent_scrape_failures_total{type=\"application\"} 1\n"))
            #expect(text.contains("istio_agent_scrapes_total 1\n"))
        }
    }

    @Test func whoDoesNotAnswerIsLeftOutAndCounted() async throws {
        try await withStatus { port in
            let text = try await request(port: port, "/metrics").body
            #expect(text.contains("istio_agent_scrape_failures_total{type=\"application\"} 1\n"))
            #expect(text.contains("istio_agent_scrape_failures_total{type=\"envoy\"} 1\n"))
            #expect(text.contains("istio_agent_things_total 1\n"))
        }
    }

    @Test func tellsWhyItIsNotReady() async throws {
        try await withStatus(change: { $0.problem = { "it rains" } }) { port in
            let answer = try await request(port: port, "/healthz/ready")
            #expect(answer.status == 503)
            #expect(answer.body.contains("it rains"))
        }
        try await withStatus { port in
            let answer = try await request(port: port, "/healthz/ready")
            #expect(answer.status == 200)
        }
    }

    @Test(arguments: ["/quitquitquit", "/drain"])
    func endsAndDrainsForThePodAlone(_ path: String) async throws {
        let asked = Mutex(0)
        var status = AgentStatus(
            problem: { nil },
            metrics: MergedMetrics(
                envoy: nil, application: [], target: ProbeTarget(address: "127.0.0.1"), agent: MetricsRegistry()),
            drain: { asked.withLock { $0 += 1 } }, quit: { asked.withLock { $0 += 1 } })
        status.probes = AppProbes()
        var call = HTTPRequestView(method: "POST", target: path)
        call.remoteAddress = "10.0.0.9"
        #expect(await status.routes.reply(to: call).status == 403)
        call.remoteAddress = "127.0.0.6"
        #expect(await status.routes.reply(to: call).status == 403, "the proxy hands on what others sent")
        call.method = "GET"
        call.remoteAddress = "127.0.0.1"
        #expect(await status.routes.reply(to: call).status == 405)
        #expect(asked.withLock { $0 } == 0)
        call.method = "POST"
        #expect(await status.routes.reply(to: call).status == 200)
        #expect(asked.withLock { $0 } == 1)
    }

    @Test(arguments: [
        ("tcp:2181:srvr\\n:Mode: leader", LeaderProbe.Kind.tcp(send: "srvr\n"), "Mode: leader"),
        ("http:8008:/leader:\"role\": \"master\"", .http(path: "/leader"), "\"role\": \"master\""),
    ])
    func readsHowLeadersAreFound(_ text: String, _ kind: LeaderProbe.Kind, _ expected: String) throws {
        let probe = try #require(LeaderProbe(parsing: text))
        #expect(probe.kind == kind)
        #expect(probe.expected == expected)
    }

    @Test(arguments: ["", "tcp:2181:srvr", "udp:1:a:b", "tcp:0:a:b", "tcp:x:a:b", "http:80:/:"])
    func refusesWhatIsNoLeaderProbe(_ text: String) { #expect(LeaderProbe(parsing: text) == nil) }

    @Test(arguments: [("Mode: leader", "leader\n"), ("Mode: follower", "follower\n")])
    func asksTheApplicationForItsRole(_ mode: String, _ role: String) async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(FourLetterWord(mode))
                }
            }.bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(server.localAddress?.port)
        let probe = try #require(LeaderProbe(parsing: "tcp:\(port):srvr:Mode: leader"))
        let answer = await probe.reply()
        #expect(String(decoding: answer.body, as: UTF8.self) == role)
        try await server.close()
        #expect(await probe.reply().status == 503)
    }

    @Test(arguments: [
        (#"{"scrape":"true","port":"9090","path":"/m"}"#, [ScrapeTarget(port: 9090, path: "/m")]),
        (#"{"scrape":"true"}"#, [ScrapeTarget()]),
        (#"{"port":8443,"scheme":"https"}"#, [ScrapeTarget(port: 8443, isEncrypted: true)]),
        (
            #"{"scrape":"true","port":"1","targets":[{"port":"2","path":"/two"},{"port":3}]}"#,
            [ScrapeTarget(port: 2, path: "/two"), ScrapeTarget(port: 3)]
        ),
        (#"{"scrape":"false","port":"9090"}"#, []), (#"{"port":"15020"}"#, []), ("{", []), ("[]", []),
    ])
    func readsWhereTheApplicationShowsItsMetrics(_ text: String, _ targets: [ScrapeTarget]) {
        #expect(ScrapeTarget.all(parsing: text, own: 15020) == targets)
    }
}

/// Answers `srvr` as ZooKeeper does, and closes.
private final class FourLetterWord: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let mode: String

    init(_ mode: String) { self.mode = mode }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard String(buffer: Self.unwrapInboundIn(data)) == "srvr" else { return }
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer(string: "Zookeeper version: 3\n\(mode)\n")))
            .whenComplete { _ in bound.value.close(promise: nil) }
    }
}
