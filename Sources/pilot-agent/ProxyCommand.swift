import ArgumentParser
import EnvoyBootstrap
import Observability
import ProxyAgent

/// `pilot-agent proxy sidecar|router|waypoint`
struct ProxyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proxy", abstract: "Runs a proxy: certificates, configuration, health, Envoy itself.")

    @Argument(help: "sidecar, router or waypoint.")
    var role = "sidecar"

    @OptionGroup var arguments: ProxyArguments
    @OptionGroup var logging: LoggingArguments

    func run() async throws {
        guard let role = ProxyRole(rawValue: role) else {
            throw ValidationError("'\(role)' is no kind of proxy: give sidecar, router or waypoint")
        }
        ProxyAgent.prepareProcess()
        let process = try ProcessSettings(logLevel: logging.level, logsAsJSON: logging.asJSON)
        for metric in ProxyAgent.metricDescriptions {
            process.metrics.describe(metric.name, help: metric.help, buckets: metric.buckets)
        }
        let flags = arguments.flags(role, logsAsJSON: logging.asJSON)
        let configuration = try AgentConfiguration(flags, from: .read(meshFile: flags.meshConfigFile))
        let agent = ProxyAgent(configuration, registry: process.metrics, logger: process.logger)
        try await process.run(try agent.services())
    }
}
