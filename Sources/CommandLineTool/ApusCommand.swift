package import ArgumentParser
import KubernetesModel

/// `apus`
package struct ApusCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "apus", abstract: "Looks at and changes a mesh.",
        subcommands: [
            ManifestCommand.self, ValidateCommand.self, InstallCommand.self, UninstallCommand.self,
            VersionCommand.self,
        ])

    package init() {}
}

/// `apus version`
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Prints the version.")

    func run() { print(apusVersion) }
}
