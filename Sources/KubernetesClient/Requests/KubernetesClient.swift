import AsyncHTTPClient
package import Logging
import NIOCore
import NIOHTTP1
import Synchronization

/// A client of one API server: reads, watches and writes objects of any kind.
///
/// Every call is cancellable, limited in time, in rate and in the size of its answer, and is sent again where that is
/// safe (`RetryPolicy`). Errors: `APIError` when the server says no, `TransportError` when it cannot be reached,
/// `KubeConfigError` and `ExecPluginError` when there are no credentials, `CancellationError` when the task ends.
package final class KubernetesClient: Sendable {
    /// What this client was made with.
    package let configuration: ClientConfiguration
    package let limits: ClientLimits
    let logger: Logger
    let transport: HTTPTransport
    let credentials: CredentialStore
    let memory = Mutex(DiscoveryMemory())
    private let gate: ConcurrencyGate
    private let bucket: Mutex<TokenBucket>
    private let retryPolicy: RetryPolicy

    /// Opens no connection yet.
    ///
    /// - Parameter userAgent: Name and version of the program, as the API server logs it.
    package init(
        _ configuration: ClientConfiguration, userAgent: String, logger: Logger, limits: ClientLimits = .default
    ) {
        self.configuration = configuration
        self.limits = limits
        var logger = logger
        logger[metadataKey: "server"] = .string(configuration.server)
        self.logger = logger
        transport = HTTPTransport(configuration, userAgent: userAgent, limits: limits)
        credentials = CredentialStore(configuration)
        gate = ConcurrencyGate(places: limits.concurrentRequests)
        bucket = Mutex(TokenBucket(perSecond: limits.requestsPerSecond, capacity: limits.burst, now: .now))
        retryPolicy = RetryPolicy(retries: limits.retries)
        if configuration.skipsServerVerification {
            logger.warning(
                "The API server's certificate is not checked; anybody in between can read and change everything",
                metadata: ["kubeconfig": .string(configuration.origin)])
        }
    }

    /// Closes all connections; what is under way fails. Must be called before the client is released.
    package func shutdown() async throws { try await transport.shutdown() }

    /// Sends a request until it succeeds or there is no point in going on.
    ///
    /// - Returns: An answer with a status of 2xx.
    /// - Throws: `APIError` for any other.
    func send(_ call: Call) async throws -> Response {
        let response = try await answer(to: call)
        guard response.isSuccess else { throw response.error(of: call) }
        return response
    }

    /// Sends a request until it is answered or there is no point in going on.
    ///
    /// - Returns: The last answer, whatever its status.
    func answer(to call: Call) async throws -> Response {
        try await repeating(call) { [gate] authorization in
            try await gate.withPlace { try await self.transport.response(to: call, authorization) }
        }
    }

    /// Starts a request whose answer is read bit by bit.
    ///
    /// - Returns: An answer with a status of 2xx and a body that has yet to be read.
    /// - Throws: `APIError` for any other.
    func open(_ call: Call) async throws -> StreamedResponse {
        let response = try await repeating(call) { authorization in
            let response = try await self.transport.open(call, authorization)
            guard 200..<300 ~= response.status.code else {
                let body = try await withTimeLimit(self.limits.requestTimeout) {
                    try await response.body.collect(upTo: 1 << 20)
                }
                return StreamedResponse(
                    status: Int(response.status.code), retryAfter: response.headers["Retry-After"].first,
                    errorBody: body, body: nil)
            }
            return StreamedResponse(
                status: Int(response.status.code), retryAfter: nil, errorBody: ByteBuffer(), body: response.body)
        }
        guard 200..<300 ~= response.status else { throw response.error(of: call) }
        return response
    }

    /// The loop of attempts that all requests share.
    private func repeating<Answer: AnswerWithStatus>(
        _ call: Call, _ attempt: (Authorization) async throws -> Answer
    ) async throws -> Answer {
        var attempts = 0
        var hasRenewed = false
        while true {
            try await pace()
            attempts += 1
            let authorization = try await credentials.authorization()
            let result: Result<Answer, TransportError>
            do {
                result = .success(try await attempt(authorization))
            } catch let error as TransportError {
                result = .failure(error)
            } catch {
                throw transport.failure(error, of: call)
            }
            if case .success(let answer) = result, answer.status == 401, !hasRenewed, credentials.isRenewable {
                hasRenewed = true
                await credentials.invalidate(authorization)
                continue
            }
            guard let outcome = outcome(of: result, call),
                let delay = retryPolicy.delay(
                    after: outcome, attempt: attempts, of: call.repeatability, jitter: .random(in: 0...1))
            else { return try result.get() }
            logger.debug(
                "Request failed; sending it again",
                metadata: [
                    "request": .string(call.subject), "outcome": "\(outcome)", "attempt": "\(attempts)",
                    "after": "\(delay)",
                ])
            try await Task.sleep(for: delay)
        }
    }

    /// What the retry policy has to judge; nil for a success.
    private func outcome(
        of result: Result<some AnswerWithStatus, TransportError>, _ call: Call
    ) -> RetryPolicy.Outcome? {
        switch result {
        case .success(let answer) where answer.status < 400: nil
        case .success(let answer):
            .refused(status: answer.status, retryAfterSeconds: answer.error(of: call).retryAfterSeconds)
        case .failure(let error): .failed(error.kind)
        }
    }

    private func pace() async throws {
        let wait = bucket.withLock { $0.take(now: .now) }
        if wait > .zero { try await Task.sleep(for: wait) }
        try Task.checkCancellation()
    }
}

/// What the loop of attempts needs to know of an answer.
protocol AnswerWithStatus: Sendable {
    var status: Int { get }
    func error(of call: Call) -> APIError
}

extension Response: AnswerWithStatus {
    func error(of call: Call) -> APIError {
        APIError(status: status, body: body.readableBytesView, retryAfter: retryAfter, request: call.subject)
    }
}
