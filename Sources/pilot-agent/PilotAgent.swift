import ArgumentParser

/// `pilot-agent`: beside every Envoy.
@main
struct PilotAgent: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pilot-agent", abstract: "Runs beside a proxy of the mesh.",
        subcommands: [
            ProxyCommand.self, BootstrapCommand.self, RequestCommand.self, WaitCommand.self, IPTables.self,
            CleanIPTables.self, VersionCommand.self,
        ])
}
