import AgentRuntime
import Metrics
import NIOCore
import NIOPosix
import Observability
import ServiceLifecycle
import Synchronization
import Testing

@testable import StatusServer

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

    /// What a scraper that asks for both formats is given.
    private func scrape(
        _ port: Int, accept: String = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5",
        headers: [(name: String, value: String)] = []
    ) async throws -> (text: String, type: String) {
        var call = LocalHTTPRequest(host: "127.0.0.1", port: port, target: "/stats/prometheus")
        call.headers = [(name: "accept", value: accept)] + headers
        call.timeout = .seconds(120)
        call.maximumBytes = 256 << 20
        let response = try await call.send()
        return (String(decoding: response.body, as: UTF8.self), response.header("content-type") ?? "")
    }

    private static let openType = "application/openmetrics-text; version=1.0.0; charset=utf-8"

    @Test func anOpenPageOfTheApplicationMakesAllOfItOne() async throws {
        let asked = Mutex("")
        let application = HTTPRoutes([
            "/metrics": HTTPRoute { request in
                let accept = request.header("accept") ?? ""
                asked.withLock { $0 = accept }
                guard accept.contains("openmetrics") else { return .text("web_total 7\n") }
                return .text(
                    "# TYPE web counter\nweb_total 7 # {trace_id=\"x\"} 1 1700000000\n# EOF\n",
                    contentType: Self.openType)
            }
        ])
        let envoy = HTTPRoutes([
            "/stats/prometheus": page(
                "# TYPE envoy_live gauge\nenvoy_live{} 1\n\n# TYPE envoy_rq counter\nenvoy_rq{} 2\n")
        ])
        try await withStatus(application: application, envoy: envoy) { port in
            let open = try await scrape(port)
            #expect(open.type == Self.openType)
            #expect(open.text.contains("web_total 7 # {trace_id=\"x\"} 1 1700000000\n"))
            #expect(open.text.contains("# TYPE envoy_rq unknown\nenvoy_rq{} 2\n"))
            #expect(open.text.contains("# TYPE istio_agent_things counter\nistio_agent_things_total 1\n"))
            #expect(open.text.hasSuffix("\n# EOF\n"))
            #expect(open.text.split(separator: "\n").count { $0 == "# EOF" } == 1)
            #expect(!open.text.contains("\n\n"))
            #expect(!asked.withLock { $0 }.contains("protobuf"))

            let plain = try await scrape(port, accept: "text/plain;version=0.0.4")
            #expect(plain.type.hasPrefix("text/plain"))
            #expect(plain.text.contains("web_total 7\n"))
            #expect(!plain.text.contains("# EOF"))
        }
    }

    /// Text stays text, whatever the scraper would take; and an application that gives OpenMetrics unasked is read.
    @Test func eachFormatIsToldByItsType() async throws {
        let text = HTTPRoutes(["/metrics": page("# TYPE web_total counter\nweb_total 7\n")])
        try await withStatus(application: text) { port in
            let answer = try await scrape(port)
            #expect(answer.type.hasPrefix("text/plain"))
            #expect(answer.text.contains("# TYPE web_total counter\nweb_total 7\n"))
            #expect(!answer.text.contains("# EOF"))
        }
        let open = HTTPRoutes(["/metrics": page("# TYPE web counter\nweb_total 7\n# EOF\n", type: Self.openType)])
        try await withStatus(application: open) { port in
            let answer = try await scrape(port, accept: "text/plain")
            #expect(answer.type.hasPrefix("text/plain"))
            #expect(answer.text.contains("# TYPE web_total counter\nweb_total 7\n"))
            #expect(!answer.text.contains("# EOF"))
        }
    }

    @Test(arguments: ["gzip", "br", "broken"])
    func readsWhatWasPackedUnasked(_ encoding: String) async throws {
        let packed = try TestArchives.gzip(Array("web_total 7\n".utf8))
        let application = HTTPRoutes([
            "/metrics": HTTPRoute { _ in
                let body = encoding == "broken" ? Array(packed.dropLast(6)) : packed
                var reply = HTTPReply(status: 200, contentType: "text/plain", body: body)
                reply.headers = [.init(name: "content-encoding", value: encoding == "broken" ? "gzip" : encoding)]
                return reply
            }
        ])
        try await withStatus(application: application) { port in
            let text = try await scrape(port).text
            #expect(text.contains("web_total 7\n") == (encoding == "gzip"))
            let failure = "istio_agent_scrape_failures_total{type=\"application\"} 1\n"
            #expect(text.contains(failure) == (encoding != "gzip"))
        }
    }

    @Test func packedPagesHaveALimit() throws {
        let packed = try TestArchives.gzip([UInt8](repeating: UInt8(ascii: "a"), count: 1 << 20))
        #expect(try ApplicationPage.unpacked(packed, limit: 1 << 20).count == 1 << 20)
        #expect {
            _ = try ApplicationPage.unpacked(packed, limit: 1 << 20 - 1)
        } throws: { "\($0)".contains("more than") }
    }

    /// What does not come as a whole is no page: its last number would be another.
    @Test func aPageThatIsTooLargeIsLeftOutAsAWhole() throws {
        var response = LocalHTTPResponse(status: 200, headers: [], body: Array("a 12".utf8))
        response.isTruncated = true
        #expect(throws: LocalHTTPError.self) { _ = try ApplicationPage(response) }
        response.isTruncated = false
        #expect(try ApplicationPage(response).page == Array("a 12".utf8))
    }

    /// The end of a connection may be that of the application.
    @Test(arguments: [
        ("a 1\n# EOF\n", true), ("a 1\n# EOF", true), ("# EOF\r\n", true), ("a 1\n", false), ("", false),
        ("a# EOF\n", false),
    ])
    func anOpenPageWithoutALengthHasAnEnd(_ text: String, _ isWhole: Bool) throws {
        let type = (name: "Content-Type", value: Self.openType)
        var response = LocalHTTPResponse(status: 200, headers: [type], body: Array(text.utf8))
        #expect(((try? ApplicationPage(response)) != nil) == isWhole)
        response.headers.append((name: "Content-Length", value: "\(text.utf8.count)"))
        #expect(try ApplicationPage(response).isOpenMetrics)
    }

    /// The scraper still has the rest, in the time that it gives.
    @Test func aSlowApplicationCostsOnlyItsOwnPart() async throws {
        let asked = Mutex<String?>(nil)
        let application = HTTPRoutes([
            "/metrics": HTTPRoute { request in
                asked.withLock { $0 = request.header("x-prometheus-scrape-timeout-seconds") }
                try? await Task.sleep(for: .seconds(3600))
                return .text("web_total 7\n")
            }
        ])
        let envoy = HTTPRoutes(["/stats/prometheus": page("envoy_live{} 1\n")])
        try await withStatus(application: application, envoy: envoy) { port in
            let answer = try await scrape(
                port, headers: [(name: "X-Prometheus-Scrape-Timeout-Seconds", value: "15")])
            #expect(answer.text.contains("envoy_live{} 1\n"))
            #expect(answer.text.contains("istio_agent_scrape_failures_total{type=\"application\"} 1\n"))
            #expect(asked.withLock { $0 } == "13.5", "it is told the time that is left to it")
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
