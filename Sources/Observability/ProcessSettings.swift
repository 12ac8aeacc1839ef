package import Logging
import Metrics
package import ServiceLifecycle
import UnixSignals

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What every program of the mesh sets up once: logs, metrics, health, signals.
package struct ProcessSettings: Sendable {
    package let logger: Logger
    /// The Pod's name, or the host's.
    package let podName: String
    /// The Pod's namespace; nil outside a cluster.
    package let podNamespace: String?
    /// Every metric of the process.
    package let metrics = MetricsRegistry()
    private let levels: LogLevels

    /// Bootstraps logging and metrics: to be called once, first.
    ///
    /// - Parameters:
    ///   - logLevel: In Istio's form, such as `default:info,ca:debug`.
    ///   - logsAsJSON: Nil: JSON unless standard error is a terminal.
    package init(logLevel: String, logsAsJSON: Bool? = nil) throws {
        ProcessMemory.useOneArena()
        levels = try LogLevels.parse(logLevel)
        let isTerminal = isatty(STDERR_FILENO) == 1
        bootstrapLogging(format: logsAsJSON ?? !isTerminal ? .json : .text, levels: levels)
        MetricsSystem.bootstrap(metrics)
        ProcessMetrics.collect(into: metrics)
        logger = Logger(label: "default")
        podName = ProcessSettings.environment("POD_NAME") ?? ProcessSettings.environment("HOSTNAME") ?? "localhost"
        podNamespace = ProcessSettings.environment("POD_NAMESPACE")
    }

    /// Servers of `/metrics`, and of `/healthz`, `/readyz` and Istio's `/ready`.
    ///
    /// Both answer everything; one address given twice makes one server.
    ///
    /// - Parameters:
    ///   - debug: What else there is below `/debug`; nil: nothing, and what there is is open to all.
    ///   - isReady: The answer to `/readyz`.
    package func endpoints(
        health: ListenAddress, metrics metricsAddress: ListenAddress, debug: DebugSurface? = nil,
        isReady: @escaping @Sendable () async -> HealthVerdict
    ) -> [any Service] {
        let alive = HealthChecks()
        let ready = HealthChecks(["ready": isReady])
        var routes = HTTPRoutes.standard(metrics: metrics, alive: alive, ready: ready, levels: levels)
            .merging(HTTPRoutes(["/ready": .health(ready)]))
        if let debug { routes = routes.merging(debug.routes).guarded(below: "/debug", debug.refusal) }
        return Set([health, metricsAddress]).map { address in
            HTTPEndpoints(
                host: address.host, port: address.port, routes: routes,
                security: address == metricsAddress ? debug?.security : nil, logger: logger)
        }
    }

    /// The same on ports of all IPv4 addresses.
    package func endpoints(
        health: Int, metrics metricsPort: Int, isReady: @escaping @Sendable () async -> HealthVerdict
    ) -> [any Service] {
        endpoints(health: ListenAddress(port: health), metrics: ListenAddress(port: metricsPort), isReady: isReady)
    }

    /// Runs services until one ends or the process is told to end (SIGTERM, SIGINT: gracefully).
    package func run(_ services: [any Service]) async throws {
        let group = ServiceGroup(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        logger.info("Starting")
        try await group.run()
        logger.info("Ended")
    }

    /// A variable of the process's environment; nil if unset or empty.
    package static func environment(_ name: String) -> String? {
        guard let value = getenv(name) else { return nil }
        let text = String(cString: value)
        return text.isEmpty ? nil : text
    }

    /// The wall clock, in microseconds since 1970.
    package static func microseconds() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000
    }
}
