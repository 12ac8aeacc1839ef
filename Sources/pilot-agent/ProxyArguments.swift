import ArgumentParser
import EnvoyBootstrap
import ProxyAgent

/// The arguments that Istio's injector and gateways start the agent with.
struct ProxyArguments: ParsableArguments {
    @Option(help: "In which short names are completed, such as default.svc.cluster.local.")
    var domain: String?

    @Option(name: .customLong("proxyLogLevel"), help: "Envoy's log level.")
    var proxyLogLevel = "warning,misc:error"

    @Option(name: .customLong("proxyComponentLogLevel"), help: "Log levels of Envoy's components, such as misc:error.")
    var proxyComponentLogLevel = ""

    @Option(help: "Envoy's worker threads; 0: one for each processor.")
    var concurrency: Int?

    @Option(name: .customLong("meshConfig"), help: "The mesh configuration, if it is mounted.")
    var meshConfig = "./etc/istio/config/mesh"

    @Option(name: .customLong("templateFile"), help: "A bootstrap to use instead of the generated one.")
    var templateFile: String?

    @Option(name: .customLong("outlierLogPath"), help: "Where Envoy writes the hosts that it ejects.")
    var outlierLogPath: String?

    @Option(name: .customLong("serviceCluster"), help: "The service that this proxy belongs to, in spans.")
    var serviceCluster: String?

    @Option(
        name: .customLong("stsPort"),
        help: "Port of the loopback at which the Pod's token is exchanged for another one (RFC 8693); 0: none.")
    var stsPort = 0

    @Option(name: .customLong("tokenManagerPlugin"), help: "Who exchanges tokens: GoogleTokenExchange.")
    var tokenManagerPlugin = "GoogleTokenExchange"

    @Option(name: .customLong("profiling"), help: "Taken, without effect.")
    var profiling: String?

    @Option(name: .customLong("ctrlz_address"), help: "Taken, without effect.")
    var controlAddress: String?

    @Option(name: .customLong("ctrlz_port"), help: "Taken, without effect.")
    var controlPort: String?

    func flags(_ role: ProxyRole, logsAsJSON: Bool?) -> AgentFlags {
        var flags = AgentFlags(role: role)
        flags.domain = domain
        flags.proxyLogLevel = proxyLogLevel
        flags.proxyComponentLogLevel = proxyComponentLogLevel
        flags.concurrency = concurrency
        flags.meshConfigFile = meshConfig
        flags.templateFile = templateFile
        flags.outlierLogPath = outlierLogPath
        flags.serviceCluster = serviceCluster
        flags.logsAsJSON = logsAsJSON ?? false
        flags.tokenServicePort = stsPort
        flags.tokenPlugin = tokenManagerPlugin
        return flags
    }
}

/// How every sub-command logs.
struct LoggingArguments: ParsableArguments {
    @Option(name: .customLong("log_output_level"), help: "Such as default:info.")
    var level = "default:info"

    @Flag(name: .customLong("log_as_json"), help: "Log in JSON.")
    var logAsJSON = false

    @Option(name: .customLong("log_target"), help: "Taken, without effect: logs go to standard error.")
    var target: String?

    @Option(name: .customLong("log_caller"), help: "Taken, without effect.")
    var caller: String?

    @Option(name: .customLong("log_stacktrace_level"), help: "Taken, without effect.")
    var stacktraceLevel: String?

    /// Without the flag people read lines.
    var asJSON: Bool { logAsJSON }
}
