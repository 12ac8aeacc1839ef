import ArgumentParser
import KubernetesClient
import Logging

/// How to reach the cluster.
struct ClusterOptions: ParsableArguments {
    @Option(help: "Kubeconfig file; default $KUBECONFIG, then ~/.kube/config.")
    var kubeconfig: String?

    @Option(help: "Context of the kubeconfig.")
    var context: String?

    /// Runs `body` with a client, and says in words what the cluster did wrong.
    func withClient(_ body: (KubernetesClient, Logger) async throws -> Void) async throws {
        var logger = Logger(label: "apus") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .error
        do {
            let configuration = try ClientConfiguration.automatic(kubeconfig: kubeconfig, context: context)
            let client = KubernetesClient(configuration, userAgent: "apus", logger: logger)
            do {
                try await body(client, logger)
                try await client.shutdown()
            } catch {
                try? await client.shutdown()
                throw error
            }
        } catch let exit as ExitCode {
            throw exit
        } catch {
            tell("\(error)")
            throw ExitCode.fault
        }
    }
}
