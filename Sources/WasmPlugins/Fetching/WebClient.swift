import AgentRuntime
import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOSSL

/// Asks servers of the web. It follows redirects itself: to whom credentials go is nobody else's choice.
struct WebClient: Sendable {
    private let client: HTTPClient
    private let settings: ModuleFetchSettings
    /// Servers need not prove who they are, and TLS is not needed.
    let trustsAnybody: Bool

    /// Gives a client for the time of `body`: fetches are rare, and no connection is worth keeping.
    static func with<Result: Sendable>(
        _ settings: ModuleFetchSettings, trustsAnybody: Bool, _ body: (WebClient) async throws -> Result
    ) async throws -> Result {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.httpVersion = .http1Only
        configuration.dnsOverride = settings.hosts
        configuration.timeout.connect = .nanoseconds(Int64(settings.requestTimeout / .nanoseconds(1)))
        configuration.timeout.read = configuration.timeout.connect
        // Whoever fetches tries again, and is to know why.
        configuration.connectionPool.retryConnectionEstablishment = false
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        if let rootFile = settings.rootFile {
            tls.additionalTrustRoots = [.certificates(try NIOSSLCertificate.fromPEMBytes(Files.read(rootFile)))]
        }
        if trustsAnybody { tls.certificateVerification = .none }
        configuration.tlsConfiguration = tls
        let client = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
        do {
            let result = try await body(
                WebClient(client: client, settings: settings, trustsAnybody: trustsAnybody))
            try? await client.shutdown()
            return result
        } catch {
            try? await client.shutdown()
            throw error
        }
    }

    /// What is answered at an address, whatever its status; its body is still to come.
    ///
    /// - Parameter authorization: Sent to the address's own server alone.
    func get(
        _ address: WebAddress, accept: [String] = [], authorization: String? = nil
    ) async throws -> HTTPClientResponse {
        try await follow(address, accept: accept, authorization: authorization).response
    }

    /// The same, and who gave the answer: the address's own server, or one that redirects led to.
    func follow(
        _ address: WebAddress, accept: [String], authorization: String?
    ) async throws -> (response: HTTPClientResponse, origin: String) {
        var asked = address
        for _ in 0...settings.redirects {
            var request = HTTPClientRequest(url: asked.description)
            request.headers.add(name: "User-Agent", value: "pilot-agent")
            for type in accept { request.headers.add(name: "Accept", value: type) }
            if let authorization, asked.origin == address.origin {
                request.headers.add(name: "Authorization", value: authorization)
            }
            let response = try await answer(request, asked)
            guard [301, 302, 303, 307, 308].contains(response.status.code),
                let location = response.headers.first(name: "Location")
            else { return (response, asked.origin) }
            guard let next = asked.redirected(to: location) else {
                throw ModuleProblem("\(asked.shown) leads to an address that is none")
            }
            guard next.isEncrypted || !asked.isEncrypted || trustsAnybody else {
                throw ModuleProblem("\(asked.shown) leads to \(next.shown), which is not encrypted")
            }
            asked = next
        }
        throw ModuleProblem("\(address.shown) leads to more than \(settings.redirects) other addresses")
    }

    private func answer(_ request: HTTPClientRequest, _ address: WebAddress) async throws -> HTTPClientResponse {
        do {
            let nanoseconds = Int64(settings.requestTimeout / .nanoseconds(1))
            return try await client.execute(request, timeout: .nanoseconds(nanoseconds))
        } catch let error as CancellationError {
            throw error
        } catch {
            if Task.isCancelled { throw CancellationError() }
            let isUntrusted = error is NIOSSLError || error is NIOSSLExtraError || error is BoringSSLError
            throw ModuleProblem(
                "\(address.shown) cannot be reached: \(error)", isUntrusted ? .untrusted : .unreachable)
        }
    }
}

extension HTTPClientResponse {
    /// Why an answer is of no use; nil: it is of use.
    func problem(at address: WebAddress) -> ModuleProblem? {
        if status == .ok { return nil }
        let passing: Set<UInt> = [408, 425, 429, 500, 502, 503, 504]
        return ModuleProblem(
            "\(address.shown) answered with status \(status.code)", passing.contains(status.code) ? .passing : .lasting)
    }

    /// A short answer as a whole.
    func text(upTo limit: Int, at address: WebAddress) async throws -> String {
        do {
            return String(buffer: try await body.collect(upTo: limit))
        } catch is NIOTooManyBytesError {
            throw ModuleProblem("\(address.shown) answered more than \(limit) bytes")
        } catch {
            if Task.isCancelled { throw CancellationError() }
            throw ModuleProblem("\(address.shown) broke off: \(error)", .passing)
        }
    }
}
