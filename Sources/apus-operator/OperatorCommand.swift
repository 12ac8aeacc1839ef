import ArgumentParser
import KubernetesClient
import Logging
import Observability
import OperatorControllers
import ServiceLifecycle

/// `apus-operator`: reconciles IstioOperators.
@main
struct OperatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apus-operator", abstract: "Installs, upgrades and heals the mesh that IstioOperators ask for.")

    @Option(help: "Kubeconfig file; default: the Pod's own credentials, or $KUBECONFIG.")
    var kubeconfig: String?

    @Option(name: .customLong("watch-namespaces"), help: "Namespaces to watch, comma-separated; empty for all.")
    var watchedNamespaces = ProcessSettings.environment("WATCH_NAMESPACE") ?? ""

    @Option(help: "Port of /healthz and /readyz.")
    var healthPort = Int(OperatorManifests.healthPort)

    @Option(help: "Port of /metrics.")
    var metricsPort = Int(OperatorManifests.metricsPort)

    @Option(name: .customLong("log_output_level"), help: "Such as default:info.")
    var logLevel = "default:info"

    func run() async throws {
        let process = try ProcessSettings(logLevel: logLevel)
        let client = try KubernetesClient(
            .automatic(kubeconfig: kubeconfig, context: nil), userAgent: "apus-operator", logger: process.logger)
        var configuration = OperatorConfiguration(identity: process.podName)
        configuration.namespace = process.podNamespace ?? OperatorManifests.namespace
        configuration.watchedNamespaces = watchedNamespaces.split(separator: ",").map(String.init)
        let controllers = Operator(
            configuration, client: client, wallClock: ProcessSettings.microseconds, logger: process.logger)
        let services = process.endpoints(health: healthPort, metrics: metricsPort) {
            controllers.isSynced ? .ok : .failing("the first lists are not in yet")
        }
        do {
            try await process.run(services + [controllers])
        } catch {
            try? await client.shutdown()
            throw error
        }
        try await client.shutdown()
    }
}
