import AgentRuntime
import EnvoyTesting
import KubernetesModel
import Observability
import Synchronization
import Testing

@testable import WorkloadCredentials

/// Tokens exchanged over real connections: HTTP on the loopback, and TLS to who gives them.
@Suite(.timeLimit(.minutes(5))) struct TokenServiceTests {
    private static let secret = "eyJhbGciOiJub25lIn0.c2VjcmV0.signature"
    private static let given = "ya29.given-token"
    private static let form =
        "\(TokenValueTests.grant)&subject_token=\(secret)&subject_token_type=urn:ietf:params:oauth:token-type:jwt"

    private struct Mesh: Sendable {
        let server: WebServer
        let port: Int
        let words: SaidWords
        let metrics: MetricsRegistry

        func post(
            _ form: String = TokenServiceTests.form, type: String = "application/x-www-form-urlencoded"
        ) async throws -> (status: Int, json: JSONValue, response: LocalHTTPResponse) {
            var request = LocalHTTPRequest(method: "POST", host: "127.0.0.1", port: port, target: "/token")
            request.headers = [(name: "content-type", value: type)]
            request.body = Array(form.utf8)
            request.timeout = .seconds(120)
            let response = try await request.send()
            return (response.status, (try? JSONValue(parsing: response.body)) ?? .null, response)
        }

        func get(_ path: String) async throws -> LocalHTTPResponse {
            try await LocalHTTPRequest(host: "127.0.0.1", port: port, target: path).send()
        }
    }

    private static func answer(_ json: JSONValue, status: Int = 200) -> WebServer.Answer {
        WebServer.Answer(
            status: status, headers: [("Content-Type", "application/json")], body: Array(json.jsonText.utf8))
    }

    private static let token = answer([
        "access_token": .string(given), "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "token_type": "Bearer", "expires_in": 3600,
    ])

    /// The service, and who gives tokens.
    private func with(
        _ answers: @escaping @Sendable (WebServer.Request, Int) -> WebServer.Answer = { _, _ in token },
        change: (inout TokenServiceSettings) -> Void = { _ in }, _ body: (Mesh) async throws -> Void
    ) async throws {
        let identity = try TestAuthority().server(["sts.test"])
        try await withFolder { folder in
            try await WebServer.with(identity: identity, answers) { server in
                var settings = TokenServiceSettings(port: 0)
                settings.url = "https://sts.test:\(server.port)/v1/token"
                settings.hosts = ["sts.test": "127.0.0.1", "other.test": "127.0.0.1"]
                settings.rootFile = try folder.write(identity.root, to: "root.pem")
                settings.timeout = .seconds(60)
                settings.backoff = Backoff(initial: .milliseconds(1), maximum: .milliseconds(1))
                change(&settings)
                settings.url = settings.url.replacing("PORT", with: "\(server.port)")
                let (words, metrics) = (SaidWords(), MetricsRegistry())
                let service = TokenService(settings, logger: words.logger, metrics: TokenMetrics(metrics))
                try await withRunning([service]) {
                    try await body(
                        Mesh(server: server, port: try await service.boundPort, words: words, metrics: metrics))
                }
                for secret in [Self.secret, Self.given] {
                    #expect(!words.text.contains(secret), "nothing says a token")
                }
            }
        }
    }

    @Test func exchangesOnceForAsLongAsItCounts() async throws {
        try await with(change: { $0.audience = "pool:issuer" }) { mesh in
            let first = try await mesh.post("\(Self.form)&scope=a+b")
            #expect(first.status == 200)
            #expect(first.json["access_token"]?.string == Self.given)
            #expect(first.json["token_type"]?.string == "Bearer")
            #expect(first.json["issued_token_type"]?.string == TokenExchangeRequest.accessTokenType)
            #expect(first.json["expires_in"]?.integer == 3600)
            #expect(first.response.header("content-type") == "application/json")
            #expect(first.response.header("cache-control") == "no-store")

            let asked = try #require(mesh.server.requests.first)
            #expect(asked.method == "POST")
            #expect(asked.path == "/v1/token")
            #expect(asked.headers["content-type"] == "application/x-www-form-urlencoded")
            let fields = try #require(FormText.fields(asked.body)).map { "\($0.name)=\($0.value)" }
            #expect(
                Set(fields) == [
                    "grant_type=urn:ietf:params:oauth:grant-type:token-exchange", "subject_token=\(Self.secret)",
                    "subject_token_type=urn:ietf:params:oauth:token-type:jwt", "audience=pool:issuer", "scope=a b",
                    "requested_token_type=urn:ietf:params:oauth:token-type:access_token",
                ])

            let again = try await mesh.post("\(Self.form)&scope=a+b")
            #expect(again.json["access_token"]?.string == Self.given)
            let rest = try #require(again.json["expires_in"]?.integer)
            #expect(rest <= 3600)
            #expect(mesh.server.requests.count == 1)
            // Another request is another exchange.
            _ = try await mesh.post("\(Self.form)&scope=c&audience=own")
            let last = try #require(mesh.server.requests.last)
            let fresh = try #require(FormText.fields(last.body))
            #expect(fresh.filter { $0.name == "audience" }.map(\.value) == ["own"])
            #expect(mesh.server.requests.count == 2)

            let status = try await mesh.get("/stsStatus")
            let text = String(decoding: status.body, as: UTF8.self)
            #expect(try JSONValue(parsing: text)["tokens"]?.array?.count == 2)
            #expect(!text.contains(Self.given) && !text.contains(Self.secret))
            let counted = mesh.metrics.prometheusText()
            #expect(counted.contains("num_outgoing_requests{request_type=\"token_exchange\"} 2"))
            #expect(counted.contains("num_outgoing_retries{request_type=\"token_exchange\"} 0"))
            #expect(counted.contains("num_failed_outgoing_requests{request_type=\"token_exchange\"} 0"))
            #expect(counted.contains("# TYPE outgoing_latency counter"))
        }
    }

    @Test func whoeverAsksForTheSameWaitsForOneExchange() async throws {
        let (gates, gate) = AsyncStream.makeStream(of: Void.self)
        try await with { _, _ in
            var answer = Self.token
            answer.after = { for await _ in gates { break } }
            return answer
        } _: { mesh in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<8 { group.addTask { try await mesh.post().status } }
                try await soon("it is asked for") { mesh.server.requests.count == 1 }
                gate.finish()
                for try await status in group { #expect(status == 200) }
            }
            #expect(mesh.server.requests.count == 1)
        }
    }

    @Test func whatMayPassIsTriedAgain() async throws {
        try await with { _, before in
            before < 2 ? .init(status: 503) : Self.token
        } _: { mesh in
            let status = try await mesh.post().status
            #expect(status == 200)
            #expect(mesh.server.requests.count == 3)
            let counted = mesh.metrics.prometheusText()
            #expect(counted.contains("num_outgoing_requests{request_type=\"token_exchange\"} 3"))
            #expect(counted.contains("num_outgoing_retries{request_type=\"token_exchange\"} 2"))
            #expect(counted.contains("num_failed_outgoing_requests{request_type=\"token_exchange\"} 2"))
        }
    }

    @Test(arguments: [
        (400, #"{"error":"invalid_target","error_description":"no such pool"}"#, 400, "invalid_target", "no such pool"),
        (401, #"{"error":"invalid_client"}"#, 401, "invalid_client", "401"),
        (403, #"{"error":{"code":403,"message":"no right","status":"X"}}"#, 400, "invalid_request", "no right"),
        (404, "<html>", 400, "invalid_request", "404"),
        (200, "{}", 502, "server_error", "without a token"),
        (302, "{}", 400, "invalid_request", "302"),
        (429, "{}", 503, "temporarily_unavailable", "429"),
    ])
    func refusalsAreHandedOn(
        _ status: Int, _ body: String, _ told: Int, _ code: String, _ word: String
    ) async throws {
        try await with { _, _ in
            .init(status: status, headers: [("Location", "https://other.test/")], body: Array(body.utf8))
        } _: { mesh in
            let answer = try await mesh.post()
            #expect(answer.status == told)
            #expect(answer.json["error"]?.string == code)
            let description = try #require(answer.json["error_description"]?.string)
            #expect(description.contains(word), "\(description)")
            #expect(mesh.server.requests.count == (told == 503 ? 3 : 1))
            #expect(mesh.words.text.contains("warning A token was not exchanged"))
            #expect(mesh.words.text.contains(code))
        }
    }

    @Test func aTokenThatIsRepeatedIsNotHandedOn() async throws {
        try await with { _, _ in
            Self.answer(
                ["error": "invalid_request", "error_description": .string("cannot read \(Self.secret)!")], status: 400)
        } _: { mesh in
            let answer = try await mesh.post()
            #expect(answer.json["error"]?.string == "invalid_request")
            #expect(!String(decoding: answer.response.body, as: UTF8.self).contains(Self.secret))
        }
    }

    /// An answer that never ends holds up nobody, however often something of it comes.
    @Test func theTimeIsForTheWholeAnswer() async throws {
        try await with { _, _ in
            .init(body: [UInt8](repeating: UInt8(ascii: " "), count: 60_000), pause: .milliseconds(50))
        } change: {
            $0.timeout = .seconds(2)
        } _: { mesh in
            let answer = try await mesh.post()
            #expect(answer.json["error"]?.string == "temporarily_unavailable")
        }
    }

    @Test func whoGivesTokensHasToProveWhoItIs() async throws {
        try await with(change: { $0.rootFile = nil }) { mesh in
            let answer = try await mesh.post()
            #expect(answer.status == 503)
            #expect(answer.json["error"]?.string == "temporarily_unavailable")
            #expect(mesh.server.requests.isEmpty)
        }
        // Its certificate has another name.
        try await with(change: { $0.url = "https://other.test:PORT/v1/token" }) { mesh in
            let status = try await mesh.post().status
            #expect(status == 503)
            #expect(mesh.server.requests.isEmpty)
        }
        try await with(change: { $0.rootFile = "/not/there" }) { mesh in
            let answer = try await mesh.post()
            #expect(answer.status == 503)
            #expect(answer.json["error_description"]?.string?.contains("/not/there") == true)
        }
    }

    @Test func takesNothingElse() async throws {
        try await with { mesh in
            #expect(try await mesh.post("", type: "application/json").json["error"]?.string == "invalid_request")
            #expect(try await mesh.post("a=b").json["error"]?.string == "invalid_request")
            #expect(try await mesh.get("/token").status == 405)
            #expect(try await mesh.get("/other").status == 404)
            // Refused by its length before it has arrived: the connection may end before the answer is read.
            let large = try? await mesh.post(Self.form + "&x=" + String(repeating: "y", count: 70_000))
            #expect(large == nil || large?.status == 413)
            // It is told that itself, and fills no log with it.
            #expect(mesh.words.text.contains("debug A token was not exchanged"))
            #expect(!mesh.words.text.contains("warning A token was not exchanged"))
            let typed = try await mesh.post(type: "application/x-www-form-urlencoded; charset=UTF-8")
            #expect(typed.status == 200)
            #expect(mesh.server.requests.count == 1)
        }
    }

    /// A port that somebody has is no reason for anything else not to run.
    @Test func withoutItsPortItWaitsForTheEnd() async throws {
        let other = HTTPEndpoints(host: "127.0.0.1", port: 0, routes: HTTPRoutes(), logger: quiet)
        try await withRunning([other]) {
            let words = SaidWords()
            let service = TokenService(
                TokenServiceSettings(port: try await other.boundPort), logger: words.logger,
                metrics: TokenMetrics(MetricsRegistry()))
            try await withRunning([service]) {
                try await soon("it says so") { words.text.contains("choose another --stsPort") }
            }
        }
    }
}
