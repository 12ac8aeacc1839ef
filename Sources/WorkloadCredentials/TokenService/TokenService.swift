import AgentRuntime
import FoundationEssentials
package import Logging
import Observability
import ServiceLifecycle
import Synchronization

/// Exchanges tokens for the proxy: it shows the Pod's own, and gets one that others take (RFC 8693).
///
/// ```
///  POST /token ─► request ─► kept and good for a while ────────────────► token
///                         └► somebody asks for the same ─► wait ───────► token
///                         └► exchange over verified TLS ─► kept ───────► token
///  GET /stsStatus ─► what is kept, and until when; not the tokens
/// ```
package final class TokenService: Service {
    private let settings: TokenServiceSettings
    private let exchanger: TokenExchanger
    private let logger: Logger
    private let cache: Mutex<TokenCache>
    private let runs = SharedRuns<[UInt8], Result<ExchangedToken, TokenExchangeFailure>>()
    private let endpoints = Mutex<HTTPEndpoints?>(nil)

    /// A service that does not listen yet.
    package init(
        _ settings: TokenServiceSettings, logger: Logger = Logger(label: "stsserver"),
        metrics: TokenMetrics = TokenMetrics()
    ) {
        self.settings = settings
        self.logger = logger
        exchanger = TokenExchanger(settings: settings, metrics: metrics)
        cache = Mutex(TokenCache(limit: settings.tokens))
    }

    /// The port, as soon as it listens.
    package var boundPort: Int { get async throws { try await server.boundPort } }

    /// Serves until the service ends. Without the port nobody exchanges tokens, and everything else goes on.
    package func run() async throws {
        do {
            try await server.run()
        } catch let error as ListenError {
            logger.error(
                "Tokens are not exchanged in this Pod: choose another --stsPort", metadata: ["error": "\(error)"])
            try? await gracefulShutdown()
        }
    }

    private var server: HTTPEndpoints {
        endpoints.withLock { endpoints in
            if let endpoints { return endpoints }
            var limits = HTTPLimits()
            limits.connections = 32
            limits.bodyBytes = 64 << 10
            let made = HTTPEndpoints(
                host: settings.host, port: settings.port, routes: routes, limits: limits, logger: logger)
            endpoints = made
            return made
        }
    }

    private var routes: HTTPRoutes {
        HTTPRoutes([
            "/token": HTTPRoute(methods: ["POST"]) { [weak self] request in
                await self?.reply(to: request) ?? .text("ending\n", status: 503)
            },
            "/stsStatus": HTTPRoute { [weak self] request in
                guard let self, Self.isOwn(request) else { return .text("for the Pod itself\n", status: 403) }
                return .token(self.cache.withLock { $0.status(now: .now) })
            },
        ])
    }

    /// It comes from the Pod. From the other addresses of the loopback the proxy hands on what others sent.
    private static func isOwn(_ request: HTTPRequestView) -> Bool {
        request.isFromLoopback && !["127.0.0.6", "::6"].contains(request.remoteAddress)
    }

    private func reply(to request: HTTPRequestView) async -> HTTPReply {
        let wanted: TokenExchangeRequest
        do throws(TokenExchangeFailure) {
            wanted = try self.wanted(request)
        } catch {
            // Its own fault, which it is told: no application may fill the log.
            return refusal(error, .debug)
        }
        do throws(TokenExchangeFailure) {
            return try await token(for: wanted).reply
        } catch {
            return refusal(error, .warning)
        }
    }

    private func refusal(_ failure: TokenExchangeFailure, _ level: Logger.Level) -> HTTPReply {
        logger.log(
            level: level, "A token was not exchanged",
            metadata: ["error": "\(failure.code.rawValue)", "why": "\(failure.description)"])
        return failure.reply
    }

    private func wanted(_ request: HTTPRequestView) throws(TokenExchangeFailure) -> TokenExchangeRequest {
        guard Self.isOwn(request) else {
            throw TokenExchangeFailure(.unauthorizedClient, "tokens are exchanged for the Pod itself")
        }
        let type = (request.header("content-type") ?? "").prefix { $0 != ";" }.filter { !$0.isWhitespace }
        guard type.lowercased() == FormText.contentType else {
            throw TokenExchangeFailure(.invalidRequest, "the content type has to be \(FormText.contentType)")
        }
        return settings.completed(try TokenExchangeRequest(form: request.body))
    }

    private func token(for request: TokenExchangeRequest) async throws(TokenExchangeFailure) -> ExchangedToken {
        let digest = request.digest
        if let kept = cache.withLock({ $0.token(for: digest, now: .now) }) { return kept }
        let result: Result<ExchangedToken, TokenExchangeFailure>
        do {
            result = try await runs.value(for: digest) { await self.exchange(request, digest) }
        } catch {
            throw TokenExchangeFailure(.temporarilyUnavailable, "nobody waits for the token any more")
        }
        return try result.get()
    }

    private func exchange(
        _ request: TokenExchangeRequest, _ digest: [UInt8]
    ) async -> Result<ExchangedToken, TokenExchangeFailure> {
        do throws(TokenExchangeFailure) {
            // Its life is counted from the moment at which it was asked for.
            let (start, issued) = (ContinuousClock.now, Date.now)
            let token = try await exchanger.token(for: request)
            cache.withLock { $0.keep(token, for: digest, now: start, issued: issued) }
            return .success(token)
        } catch {
            return .failure(error)
        }
    }
}
