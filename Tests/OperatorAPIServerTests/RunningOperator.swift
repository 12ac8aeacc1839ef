import ControllerRuntime
import FoundationEssentials
import KubernetesClient
import KubernetesTesting
import Logging
import OperatorControllers
import ServiceLifecycle
import Testing

/// An operator at work in this process, as `apus-operator` runs it.
struct RunningOperator: Sendable {
    let group: ServiceGroup
    let log: LogRecorder

    /// Ends it as SIGTERM does.
    func terminate() async { await group.triggerGracefulShutdown() }
}

extension OperatorCluster {
    /// Runs an operator while `body` runs, then ends it gracefully. Whatever it does it must be allowed to by its RBAC.
    ///
    /// - Parameter mayBeRefused: The test takes rights away, or the API server: one that has just started knows nobody's
    ///   rights for a moment.
    func withOperator<Value: Sendable>(
        identity: String = "operator", timing: LeaseTiming = .standard, concurrency: Int = 2,
        mayBeRefused: Bool = false,
        webhookServerAddress: (@Sendable (_ podIP: String) -> WebhookServerProbe.Address)? = nil,
        _ body: (RunningOperator) async throws -> Value
    ) async throws -> Value {
        let log = LogRecorder()
        let value = try await cluster.withClient(operatorConfiguration, limits: .default) { client in
            var configuration = OperatorConfiguration(identity: identity)
            configuration.namespace = OperatorManifests.namespace
            configuration.leaseTiming = timing
            configuration.concurrency = concurrency
            let running = Operator(
                configuration, client: client,
                wallClock: { Int64(Date().timeIntervalSince1970 * 1_000_000) },
                webhookServer: WebhookServerProbe(
                    client: client, address: webhookServerAddress, logger: log.logger("webhook-server")),
                logger: log.logger(identity))
            let group = ServiceGroup(services: [running], logger: log.logger("services"))
            return try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                let result: Result<Value, any Error>
                do {
                    result = .success(try await body(RunningOperator(group: group, log: log)))
                } catch {
                    result = .failure(error)
                }
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
                return try result.get()
            }
        }
        if !mayBeRefused {
            #expect(log.all.filter { $0.contains("403 Forbidden") } == [], "the operator's RBAC lacks something")
        }
        return value
    }
}
