import ArgumentParser
import ControlPlane
import DebugPages
import FoundationEssentials
import KubernetesClient
import KubernetesModel
import Observability
import ServiceLifecycle

/// `pilot-discovery`: the control plane, started with the arguments of Istio's.
@main
struct PilotDiscovery: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pilot-discovery", abstract: "The mesh's control plane.", subcommands: [Discovery.self])
}

/// `pilot-discovery discovery`
struct Discovery: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Serves the mesh.")

    @OptionGroup var istio: IstioArguments

    func run() async throws {
        _ = try CompliancePolicy(environment: ProcessInfo.processInfo.environment)
        let process = try ProcessSettings(logLevel: istio.logOutputLevel, logsAsJSON: istio.logAsJSON ? true : nil)
        let http = try istio.address(istio.httpAddr)
        let monitoring = try istio.address(istio.monitoringAddr)
        let kubernetes = try ClientConfiguration.automatic(kubeconfig: istio.existingKubeconfig, context: nil)
        var configuration = ControlPlaneConfiguration(
            namespace: process.podNamespace ?? istio.namespace, identity: process.podName)
        configuration.revision = ProcessSettings.environment("REVISION") ?? "default"
        configuration.trustDomain = istio.domain
        configuration.clusterDomain = istio.domain
        configuration.clusterID = ProcessSettings.environment("CLUSTER_ID") ?? "Kubernetes"
        configuration.environment = ProcessInfo.processInfo.environment
        configuration.plainAddress = try istio.address(istio.grpcAddr)
        configuration.secureAddress = try istio.address(istio.secureGRPCAddr)
        configuration.webhookAddress = try istio.address(istio.httpsAddr)
        configuration.maximumStreamAge = try istio.maximumConnectionAge()
        for metric in ControlPlane.metricDescriptions {
            process.metrics.describe(metric.name, help: metric.help, buckets: metric.buckets)
        }
        let client = KubernetesClient(kubernetes, userAgent: "pilot-discovery", logger: process.logger)
        let controlPlane = ControlPlane(configuration, client: client, now: { Date.now }, logger: process.logger)
        let services = process.endpoints(health: http, metrics: monitoring, debug: controlPlane.debugging.surface) {
            controlPlane.isReady ? .ok : .failing("the mesh root or the first lists are not in yet, or it drains")
        }
        do {
            try await process.run(services + [controlPlane])
        } catch {
            try? await client.shutdown()
            throw error
        }
        try await client.shutdown()
    }
}
