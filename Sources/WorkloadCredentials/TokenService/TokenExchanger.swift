import AgentRuntime
import AsyncHTTPClient
import KubernetesModel
import NIOCore
import NIOHTTP1
import NIOSSL

/// Asks who gives tokens.
struct TokenExchanger: Sendable {
    let settings: TokenServiceSettings
    let metrics: TokenMetrics
    /// The most that an answer has.
    private static let answerBytes = 64 << 10

    /// The token for a request, with all tries.
    func token(for request: TokenExchangeRequest) async throws(TokenExchangeFailure) -> ExchangedToken {
        let deadline = ContinuousClock.now + settings.timeout
        var failures = 0
        while true {
            let start = ContinuousClock.now
            do throws(TokenExchangeFailure) {
                let token = try await attempt(request, within: deadline - start)
                metrics.asked(isRetry: failures > 0, took: .now - start, succeeded: true)
                return token
            } catch {
                metrics.asked(isRetry: failures > 0, took: .now - start, succeeded: false)
                failures += 1
                let delay = settings.backoff.delay(afterFailures: failures, random: .random(in: 0..<1))
                guard error.mayPass, failures <= settings.retries, ContinuousClock.now + delay < deadline,
                    (try? await Task.sleep(for: delay)) != nil
                else { throw error }
            }
        }
    }

    private func attempt(
        _ request: TokenExchangeRequest, within limit: Duration
    ) async throws(TokenExchangeFailure) -> ExchangedToken {
        let answer: (status: Int, body: [UInt8])
        do {
            answer = try await within(limit) { try await self.answer(to: request) }
        } catch let failure as TokenExchangeFailure {
            throw failure
        } catch is NIOTooManyBytesError {
            throw TokenExchangeFailure(.serverError, "\(settings.url) answered more than \(Self.answerBytes) bytes")
        } catch let problem as FileProblem {
            throw TokenExchangeFailure(
                .temporarilyUnavailable, "\(problem): it holds the roots that \(settings.url) is verified by")
        } catch {
            // Errors of the connection tell nothing of what was sent over it.
            throw TokenExchangeFailure(.temporarilyUnavailable, "\(settings.url) cannot be asked: \(error)")
        }
        let json = try? JSONValue(parsing: answer.body)
        guard answer.status == 200 else { throw refusal(answer.status, json, request) }
        guard let json, let token = ExchangedToken(json) else {
            throw TokenExchangeFailure(.serverError, "\(settings.url) answered without a token")
        }
        return token
    }

    /// Cancels the work when the time is over.
    private func within<Value: Sendable>(
        _ limit: Duration, _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask(operation: work)
            group.addTask {
                try await Task.sleep(for: limit)
                throw TokenExchangeFailure(
                    .temporarilyUnavailable, "\(settings.url) did not answer within \(settings.timeout)")
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }

    private func answer(to request: TokenExchangeRequest) async throws -> (status: Int, body: [UInt8]) {
        // Exchanges are rare: no connection is worth keeping, and roots are read anew.
        let client = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: try configuration())
        do {
            var call = HTTPClientRequest(url: settings.url)
            call.method = .POST
            call.headers.add(name: "Content-Type", value: FormText.contentType)
            call.headers.add(name: "Accept", value: "application/json")
            call.headers.add(name: "User-Agent", value: "pilot-agent")
            call.body = .bytes(ByteBuffer(string: request.form))
            // Whoever waits ends it earlier.
            let timeout = TimeAmount.nanoseconds(Int64(settings.timeout / .nanoseconds(1)))
            let response = try await client.execute(call, timeout: timeout)
            let body = try await response.body.collect(upTo: Self.answerBytes)
            try? await client.shutdown()
            return (Int(response.status.code), Array(body.readableBytesView))
        } catch {
            try? await client.shutdown()
            throw error
        }
    }

    /// How connections are made.
    func configuration() throws -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        // To whom tokens go is nobody else's choice.
        configuration.redirectConfiguration = .disallow
        configuration.httpVersion = .http1Only
        configuration.dnsOverride = settings.hosts
        configuration.timeout.connect = .nanoseconds(Int64(settings.timeout / .nanoseconds(1)))
        configuration.timeout.read = configuration.timeout.connect
        // Whoever asks tries again, and is to know why.
        configuration.connectionPool.retryConnectionEstablishment = false
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        if let rootFile = settings.rootFile {
            tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Files.read(rootFile)))
        }
        if let compliance = settings.compliance { tls.limit(to: compliance) }
        configuration.tlsConfiguration = tls
        return configuration
    }

    /// Why who gives tokens gives none, in its words if they are OAuth's.
    private func refusal(_ status: Int, _ json: JSONValue?, _ request: TokenExchangeRequest) -> TokenExchangeFailure {
        let said = json?["error_description"]?.string ?? json?["error", "message"]?.string ?? ""
        // Nobody is told a token, or a part of one, because somebody repeated it.
        let repeats = request.tokens.contains { $0.isRepeated(in: said) }
        let words = said.isEmpty || repeats ? "" : ": \(said)"
        let description = "\(settings.url) answered with status \(status)\(words)"
        if [408, 425, 429].contains(status) || status >= 500 {
            return TokenExchangeFailure(.temporarilyUnavailable, description)
        }
        let code = json?["error"]?.string.flatMap(TokenExchangeFailure.Code.init(rawValue:))
        // RFC 8693: also a token that is not accepted makes the request an invalid one.
        return TokenExchangeFailure(code ?? .invalidRequest, description)
    }
}
