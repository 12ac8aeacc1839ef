import EnvoyBootstrap

/// How Envoy is started.
package struct EnvoyCommand: Hashable, Sendable {
    package var program: String
    /// Without the program's own name.
    package var arguments: [String]
    package var environment: [String: String]

    package init(program: String, arguments: [String], environment: [String: String] = [:]) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
    }
}

extension AgentConfiguration {
    /// Envoy with a bootstrap.
    ///
    /// - Parameters:
    ///   - bootstrap: The path of its configuration.
    ///   - overlay: What people lay over it, as text; nil: nothing.
    package func envoyCommand(bootstrap: String, overlay: String?) -> EnvoyCommand {
        let levels = LogLevelArguments(flags.proxyLogLevel, components: flags.proxyComponentLogLevel)
        var arguments = [
            "-c", bootstrap, "--disable-hot-restart", "--allow-unknown-static-fields", "--skip-deprecated-logs",
            "--drain-time-s", "\(settings.drainDuration.wholeSeconds)", "--drain-strategy", "immediate",
            "--local-address-ip-version", families == .ipv6 ? "v6" : "v4",
            "--file-flush-interval-msec", "\(settings.fileFlushInterval.wholeMilliseconds)", "-l", levels.level,
        ]
        if let size = settings.fileFlushMinSizeKb, size > 0 {
            arguments += ["--file-flush-min-size-kb", "\(size)"]
        }
        if !levels.components.isEmpty { arguments += ["--component-log-level", levels.components] }
        // Envoy takes the format from the bootstrap or from its arguments, not from both.
        if !flags.logsAsJSON {
            arguments += ["--log-format", "%Y-%m-%dT%T.%fZ\t%l\tenvoy %n %g:%#\t%v\tthread=%t"]
        }
        if let concurrency { arguments += ["--concurrency", "\(concurrency)"] }
        if let overlay { arguments += ["--config-yaml", overlay] }
        return EnvoyCommand(program: settings.binaryPath, arguments: arguments, environment: environment)
    }
}

/// Log levels as Envoy takes them: one for all, and those of components. Istio's flag may hold both: `warning,misc:error`.
struct LogLevelArguments: Hashable, Sendable {
    var level = "warning"
    var components: String

    init(_ text: String, components own: String) {
        let parts = text.split(separator: ",").map(String.init)
        if let first = parts.first(where: { !$0.contains(":") }) { level = first }
        let others = own.split(separator: ",").map(String.init)
        components = (parts.filter { $0.contains(":") } + others).joined(separator: ",")
    }
}
