package import Logging
import Observability
import ServiceLifecycle
package import StatusServer
package import XDSRelay

/// Probes the workload, and tells the control plane when its health changes.
///
/// ```
///  proxy ready? ─► probe ─► HealthVerdict ─► changed ─► relay ─► control plane ─► WorkloadEntry
/// ```
package struct HealthUpkeep: Service {
    private let probe: WorkloadProbe
    private let target: ProbeTarget
    private let environment: [String: String]
    private let proxyProblem: @Sendable () async -> String?
    private let report: @Sendable (WorkloadHealth) -> Void
    private let logger: Logger

    /// - Parameters:
    ///   - target: The workload, where the probe names no other host.
    ///   - environment: Of programs that probe.
    ///   - proxyProblem: Why the proxy cannot serve: then nobody reaches the workload, either.
    package init(
        _ probe: WorkloadProbe, at target: ProbeTarget, environment: [String: String] = [:],
        proxyProblem: @escaping @Sendable () async -> String? = { nil },
        logger: Logger = Logger(label: "health"), report: @escaping @Sendable (WorkloadHealth) -> Void
    ) {
        self.probe = probe
        self.target = target
        self.environment = environment
        self.proxyProblem = proxyProblem
        self.logger = logger
        self.report = report
    }

    package func run() async throws {
        try? await cancelWhenGracefulShutdown {
            try await Task.sleep(for: probe.initialDelay)
            var verdict = HealthVerdict(
                successThreshold: probe.successThreshold, failureThreshold: probe.failureThreshold)
            while true {
                let problem = await problem()
                try Task.checkCancellation()
                if let health = verdict.take(problem) {
                    logger.info("The workload's health changed", metadata: ["health": "\(health)"])
                    report(health)
                }
                try await Task.sleep(for: probe.period)
            }
        }
    }

    /// What is wrong at this moment; nil: nothing is.
    func problem() async -> String? {
        if let problem = await proxyProblem() { return problem }
        switch probe.kind {
        case .asking(let probe, let host):
            var target = target
            if let host { target = ProbeTarget(reaching: host) }
            let reply = await probe.reply(to: HTTPRequestView(method: "GET", target: "/"), at: target)
            if 200..<400 ~= reply.status { return nil }
            let text = String(decoding: reply.body.prefix(500), as: UTF8.self)
            return "status \(reply.status): \(text)"
        case .command(let command): return await ProbeCommand(command, environment).problem(within: probe.timeout)
        }
    }
}
