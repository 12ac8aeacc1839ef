import ArgumentParser
import EnvoyBootstrap
import KubernetesModel
import ProxyAgent

/// `pilot-agent bootstrap --config FILE`
struct BootstrapCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bootstrap",
        abstract: "Prints what Envoy would be started with.",
        discussion: """
            FILE holds a mesh configuration, whose defaultConfig counts, or a ProxyConfig alone, in YAML or JSON. The \
            environment variables, and /etc/istio/pod, count as they do for the running agent.
            """)

    @Argument(help: "sidecar, router or waypoint.")
    var role = "sidecar"

    @Option(help: "A mesh configuration or a ProxyConfig; - reads standard input.")
    var config: String?

    @OptionGroup var arguments: ProxyArguments
    @OptionGroup var logging: LoggingArguments

    func run() throws {
        guard let role = ProxyRole(rawValue: role) else {
            throw ValidationError("'\(role)' is no kind of proxy: give sidecar, router or waypoint")
        }
        var sources = ConfigurationSources.read(meshFile: arguments.meshConfig)
        if let config { try sources.useConfiguration(from: config) }
        let configuration = try AgentConfiguration(
            arguments.flags(role, logsAsJSON: logging.asJSON), from: sources)
        print(try configuration.bootstrapText())
    }
}
