import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Testing

@testable import Observability

@Suite struct HTTPEndpointsTests {
    private func get(
        _ port: Int, _ path: String, method: String = "GET", body: [UInt8]? = nil
    ) async throws -> (status: Int, headers: [String: String], body: String) {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        request.method = .RAW(value: method)
        if let body { request.body = .bytes(body) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        let text = String(buffer: try await response.body.collect(upTo: 1 << 24))
        return (
            Int(response.status.code),
            Dictionary(response.headers.map { ($0.name.lowercased(), $0.value) }) { first, _ in first }, text
        )
    }

    @Test func answersRoutes() async throws {
        try await withServer(plainRoutes) { port, _ in
            let hello = try await get(port, "/hello?name=world")
            #expect(hello.status == 200)
            #expect(hello.body == "hello world\n")
            #expect(hello.headers["content-type"] == "text/plain; charset=utf-8")
            #expect(hello.headers["content-length"] == "12")

            let nothing = try await get(port, "/none")
            #expect(nothing.status == 404)
            #expect(nothing.body == "nothing at /none\n")

            let wrong = try await get(port, "/hello", method: "DELETE")
            #expect(wrong.status == 405)
            #expect(wrong.headers["allow"] == "GET, HEAD")
            #expect(wrong.body == "/hello answers GET, HEAD, not DELETE\n")

            let echo = try await get(port, "/echo", method: "POST", body: Array(0...255))
            #expect(echo.status == 200)
            #expect(echo.headers["content-length"] == "256")
        }
    }

    /// HEAD tells the length of what GET sends, and sends nothing: the next reply follows at once.
    @Test func answersHeadAndPipelinedRequests() async throws {
        try await withServer(plainRoutes) { port, _ in
            let connection = try RawConnection(port: port)
            try connection.send(
                "HEAD /hello HTTP/1.1\r\nhost: a\r\n\r\nGET /hello?name=1 HTTP/1.1\r\nhost: a\r\n\r\n"
                    + "GET /hello?name=2 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
            let text = try await connection.readToEnd()
            let ok = "HTTP/1.1 200 OK\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: "
            #expect(
                text == ok + "10\r\n\r\n" + ok + "8\r\n\r\nhello 1\n" + ok + "8\r\nconnection: close\r\n\r\nhello 2\n")
        }
    }

    /// A reply larger than any socket buffer arrives whole.
    @Test func sendsLargeReplies() async throws {
        let size = 8 << 20
        let routes = HTTPRoutes([
            "/big": HTTPRoute { _ in .text(String(repeating: "x", count: size)) }
        ])
        try await withServer(routes) { port, _ in
            let reply = try await get(port, "/big")
            #expect(reply.body.utf8.count == size)
        }
    }

    @Test(arguments: [
        ("NONSENSE\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n"),
        ("GET /hello HTTP/1.1\r\nbad header\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n"),
        ("GET /hello HTTP/1.1\r\ncontent-length: -5\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n"),
        ("POST /echo HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n", "HTTP/1.1 400 Bad Request\r\n"),
        ("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}", "HTTP/1.1 400 Bad Request\r\n"),
        (
            "GET /hello HTTP/1.1\r\nx: \(String(repeating: "a", count: 2000))\r\n\r\n",
            "HTTP/1.1 431 Request Header Fields Too Large\r\n"
        ),
        ("POST /echo HTTP/1.1\r\ncontent-length: 101\r\n\r\n", "HTTP/1.1 413 Payload Too Large\r\n"),
        (
            "POST /echo HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n65\r\n\(String(repeating: "b", count: 101))\r\n",
            "HTTP/1.1 413 Payload Too Large\r\n"
        ),
    ])
    func refusesBadRequestsAndLivesOn(_ request: String, _ expected: String) async throws {
        var limits = HTTPLimits()
        limits.headerBytes = 1000
        limits.bodyBytes = 100
        try await withServer(plainRoutes, limits: limits) { port, _ in
            let connection = try RawConnection(port: port)
            try connection.send(request)
            let text = try await connection.readToEnd()
            #expect(text.hasPrefix(expected), "\(text)")
            #expect(text.contains("\r\nconnection: close\r\n"))
            #expect(try await get(port, "/hello").status == 200)
            let atTheLimit = try await get(port, "/echo", method: "POST", body: Array(repeating: 1, count: 100))
            #expect(atTheLimit.status == 200)
        }
    }

    @Test func limitsConnections() async throws {
        var limits = HTTPLimits()
        limits.connections = 2
        try await withServer(plainRoutes, limits: limits) { port, _ in
            let request = "GET /hello HTTP/1.1\r\nhost: a\r\n\r\n"
            let first = try RawConnection(port: port)
            let second = try RawConnection(port: port)
            for connection in [first, second] {
                try connection.send(request)
                #expect(try await connection.read(through: "hello you\n").hasPrefix("HTTP/1.1 200 OK\r\n"))
            }
            let third = try RawConnection(port: port)
            let refusal = try await third.readToEnd()
            #expect(refusal.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
            #expect(refusal.hasSuffix("\r\n\r\ntoo many connections\n"))

            // The two are served on; once one of them has ended there is room again.
            try second.send("GET /hello HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
            #expect(try await second.readToEnd().hasSuffix("hello you\n"))
            var reply = ""
            for _ in 0..<1000 where !reply.hasPrefix("HTTP/1.1 200") {
                let next = try RawConnection(port: port)
                do {
                    try next.send(request)
                } catch {
                    continue  // refused before it spoke
                }
                reply = try await next.read(through: "\r\n\r\n")
            }
            #expect(reply.hasPrefix("HTTP/1.1 200 OK\r\n"))
            try first.send(request)
            #expect(try await first.read(through: "hello you\n").hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
    }

    /// Clients that say nothing, or half a request, or nothing more, are let go.
    @Test(arguments: ["", "GET /hel", "POST /echo HTTP/1.1\r\ncontent-length: 9\r\n\r\nabc"])
    func endsSlowRequests(_ beginning: String) async throws {
        var limits = HTTPLimits()
        limits.requestTime = .milliseconds(500)
        try await withServer(plainRoutes, limits: limits) { port, _ in
            let connection = try RawConnection(port: port)
            if !beginning.isEmpty { try connection.send(beginning) }
            #expect(try await connection.readToEnd() == "")
        }
    }

    @Test func endsIdleConnections() async throws {
        var limits = HTTPLimits()
        limits.idleTime = .milliseconds(500)
        try await withServer(plainRoutes, limits: limits) { port, _ in
            let connection = try RawConnection(port: port)
            try connection.send("GET /hello HTTP/1.1\r\nhost: a\r\n\r\n")
            #expect(try await connection.readToEnd().hasSuffix("hello you\n"))
        }
    }

    /// No deadline runs while a handler works.
    @Test func waitsForSlowHandlers() async throws {
        var limits = HTTPLimits()
        limits.requestTime = .seconds(1)
        limits.idleTime = .seconds(1)
        let routes = HTTPRoutes([
            "/slow": HTTPRoute { _ in
                try? await Task.sleep(for: .seconds(3))
                return .text("done\n")
            }
        ])
        try await withServer(routes, limits: limits) { port, _ in
            let reply = try await get(port, "/slow")
            #expect(reply.body == "done\n")
        }
    }

    /// A client that does not read its reply does not keep the connection for ever.
    @Test func endsClientsThatDoNotRead() async throws {
        var limits = HTTPLimits()
        limits.requestTime = .seconds(1)
        limits.connections = 1
        let routes = HTTPRoutes([
            "/big": HTTPRoute { _ in .text(String(repeating: "x", count: 64 << 20)) },
            "/hello": HTTPRoute { _ in .text("hello\n") },
        ])
        try await withServer(routes, limits: limits) { port, _ in
            let connection = try RawConnection(port: port)
            try connection.send("GET /big HTTP/1.1\r\nhost: a\r\n\r\n")
            _ = try await connection.read(through: "\r\n\r\n")
            var reply = ""
            let deadline = ContinuousClock.now + .seconds(60)
            while !reply.hasPrefix("HTTP/1.1 200"), ContinuousClock.now < deadline {
                let next = try RawConnection(port: port)
                try? next.send("GET /hello HTTP/1.1\r\nhost: a\r\n\r\n")
                reply = try await next.read(through: "\r\n\r\n")
            }
            #expect(reply.hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
    }

    @Test func servesTheStandardRoutes() async throws {
        let registry = MetricsRegistry()
        registry.counter("hits_total", help: "Hits.").increment()
        let ready = HealthChecks(["cache": { .failing("not filled yet") }])
        let levels = LogLevels(.info)
        let routes = HTTPRoutes.standard(metrics: registry, alive: HealthChecks(), ready: ready, levels: levels)
        try await withServer(routes) { port, _ in
            let metrics = try await get(port, "/metrics")
            #expect(metrics.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(metrics.body == "# HELP hits_total Hits.\n# TYPE hits_total counter\nhits_total 1\n")

            #expect(try await get(port, "/healthz").body == "ok\n")
            #expect(try await get(port, "/readyz").status == 503)
            ready.add("cache") { .ok }
            #expect(try await get(port, "/readyz?verbose").body == "[+] cache: ok\nok\n")

            #expect(try await get(port, "/debug/level").body == "default:info\n")
            let set = try await get(port, "/debug/level?level=warn,ca:debug", method: "PUT")
            #expect(set.status == 200)
            #expect(set.body == "default:warn,ca:debug\n")
            #expect(levels.level(for: "ca") == .debug)
            let wrong = try await get(port, "/debug/level?level=loud", method: "POST")
            #expect(wrong.status == 400)
            #expect(wrong.body.hasPrefix("cannot read log level \"loud\": \"loud\" is not a level."))
            #expect(try await get(port, "/debug/level", method: "PUT").status == 400)
            #expect(try await get(port, "/debug/level").body == "default:warn,ca:debug\n")
        }
    }
}
