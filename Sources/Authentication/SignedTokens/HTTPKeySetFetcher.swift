import AsyncHTTPClient
import KubernetesModel
package import MeshModel
import MeshTranslator
import NIOCore
import NIOHTTP1
package import NIOSSL

/// Fetches keys over HTTP and HTTPS. Servers have to prove who they are; what they send is limited in size and time.
package struct HTTPKeySetFetcher: KeySetFetching {
    package struct Limits: Hashable, Sendable {
        /// Of an answer.
        package var bytes = 1 << 20
        /// How often an address may lead to another one.
        package var redirects = 5
        /// Whether servers have to prove who they are, each and every one.
        package var isTLSOnly = false

        package init() {}

        /// For keys that decide who somebody is.
        package static var verified: Limits {
            var limits = Limits()
            limits.isTLSOnly = true
            return limits
        }
    }

    private let configuration: HTTPClient.Configuration
    private let limits: Limits

    /// - Parameters:
    ///   - roots: That certificates may end at, besides those of the system.
    ///   - hosts: Addresses of names that are not looked up in DNS.
    package init(
        roots: [NIOSSLCertificate] = [], hosts: [String: String] = [:], limits: Limits = Limits()
    ) {
        var configuration = HTTPClient.Configuration()
        // Where an address leads may be without TLS.
        configuration.redirectConfiguration =
            limits.isTLSOnly ? .disallow : .follow(max: limits.redirects, allowCycles: false)
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        if !roots.isEmpty { tls.additionalTrustRoots = [.certificates(roots)] }
        configuration.tlsConfiguration = tls
        configuration.dnsOverride = hosts
        // Whoever fetches tries again, and is to know why.
        configuration.connectionPool.retryConnectionEstablishment = false
        self.configuration = configuration
        self.limits = limits
    }

    package func keySet(from source: KeySetSource, within timeout: Duration) async throws -> String {
        let deadline = ContinuousClock.now + timeout
        // Fetches are rare: no connection is worth keeping.
        let client = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
        do {
            let keys = try await keySet(from: source, until: deadline, by: client)
            try? await client.shutdown()
            return keys
        } catch {
            try? await client.shutdown()
            throw error
        }
    }

    private func keySet(
        from source: KeySetSource, until deadline: ContinuousClock.Instant, by client: HTTPClient
    ) async throws -> String {
        let address: String
        switch source {
        case .address(let given): address = given
        case .issuer(let issuer): address = try await discoveredAddress(of: issuer, until: deadline, by: client)
        }
        let text = try await text(at: address, until: deadline, by: client)
        if let fault = KeySetText.fault(of: text) { throw KeySetError(address, "the answer \(fault)") }
        return text
    }

    /// Where an issuer says that its keys are (OpenID Connect discovery).
    private func discoveredAddress(
        of issuer: String, until deadline: ContinuousClock.Instant, by client: HTTPClient
    ) async throws -> String {
        let base = issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer
        let address = base + "/.well-known/openid-configuration"
        let text = try await text(at: address, until: deadline, by: client)
        guard let found = try? JSONValue(parsing: text), let keys = found["jwks_uri"]?.string, !keys.isEmpty else {
            throw KeySetError(address, "the answer names no jwks_uri")
        }
        return keys
    }

    private func text(
        at address: String, until deadline: ContinuousClock.Instant, by client: HTTPClient
    ) async throws -> String {
        guard address.hasPrefix("https://") || !limits.isTLSOnly && address.hasPrefix("http://") else {
            let schemes = limits.isTLSOnly ? "https://" : "https:// or http://"
            throw KeySetError(address, "is no address that begins with \(schemes)")
        }
        var request = HTTPClientRequest(url: address)
        request.headers.add(name: "Accept", value: "application/json")
        do {
            return try await withDeadline(deadline) { [limits, request] in
                let response = try await client.execute(request, deadline: .distantFuture)
                guard response.status == .ok else {
                    throw KeySetError(address, "answered with status \(response.status.code)")
                }
                let body = try await response.body.collect(upTo: limits.bytes)
                guard let text = body.getString(at: body.readerIndex, length: body.readableBytes) else {
                    throw KeySetError(address, "the answer is no text")
                }
                return text
            }
        } catch let error as KeySetError {
            throw error
        } catch is NIOTooManyBytesError {
            throw KeySetError(address, "the answer is longer than \(limits.bytes) bytes")
        } catch is DeadlineError {
            throw KeySetError(address, "no whole answer in time")
        } catch {
            if Task.isCancelled { throw CancellationError() }
            throw KeySetError(address, "\(error)")
        }
    }
}

private struct DeadlineError: Error {}

/// Runs something until a moment; then it is cancelled.
private func withDeadline<Result: Sendable>(
    _ deadline: ContinuousClock.Instant, _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(until: deadline, clock: .continuous)
            throw DeadlineError()
        }
        defer { group.cancelAll() }
        guard let first = try await group.next() else { throw DeadlineError() }
        return first
    }
}
