import GRPCCore
import GRPCNIOTransportHTTP2Posix
import Logging
import Observability
import ServiceLifecycle
import XDSServer

@testable import DiscoveryServer

let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// A server on a free loopback port, and what tests see of it.
struct ServerHarness: Sendable {
    let source: StaticSource
    let service: AggregatedDiscoveryService
    let metrics: MetricsRegistry
    let port: Int
    /// Begins a graceful shutdown.
    let shutDown: @Sendable () async -> Void

    /// All that is connected.
    var connections: [DiscoveryConnection] { service.streams.connections() }

    /// The number in the line of `/metrics` that begins with this.
    func metric(_ series: String) -> Double? {
        metrics.prometheusText().split(separator: "\n").first { $0.hasPrefix("\(series) ") }
            .flatMap { $0.split(separator: " ").last }.flatMap { Double($0) }
    }
}

/// Runs a server for the time of `body`, then shuts it down gracefully, and returns when it is gone.
func withServer(
    _ cache: ResourceCache = ResourceCache(), limits: DiscoveryLimits = DiscoveryLimits(),
    security: DiscoverySecurity = .plaintext, authenticator: any PeerAuthenticator = AnyPeer(),
    questions: any QuestionAnswering = NoQuestions(), attendant: any ProxyAttending = NoAttendant(),
    body: (ServerHarness) async throws -> Void
) async throws {
    let source = StaticSource(cache)
    let registry = MetricsRegistry()
    let service = AggregatedDiscoveryService(
        source: source, questions: questions, attendant: attendant, controlPlane: "test-server", limits: limits,
        metrics: DiscoveryMetrics(registry),
        logger: silent)
    let server = DiscoveryServer(
        service, address: .ipv4(host: "127.0.0.1", port: 0), security: security, authenticator: authenticator,
        logger: silent)
    let services = ServiceGroup(services: [server], logger: silent)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await services.run() }
        guard let port = try await server.boundPort else { throw TestFailure("no port") }
        let harness = ServerHarness(source: source, service: service, metrics: registry, port: port) {
            await services.triggerGracefulShutdown()
        }
        do {
            try await body(harness)
        } catch {
            await services.triggerGracefulShutdown()
            group.cancelAll()
            throw error
        }
        await services.triggerGracefulShutdown()
        try await group.waitForAll()
    }
}

/// Streams that end fast.
func shortLimits(acknowledgement: Duration = .seconds(60), drain: Duration = .milliseconds(200)) -> DiscoveryLimits {
    var limits = DiscoveryLimits()
    limits.stream.acknowledgementTimeout = acknowledgement
    limits.stream.drainTimeout = drain
    return limits
}

struct TestFailure: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

/// Waits until the world is so, or fails with what it was told to say.
func eventually(
    _ what: String, within limit: Duration = .seconds(60), _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw TestFailure("not within \(limit): \(what)") }
        try await Task.sleep(for: .milliseconds(10))
    }
}
