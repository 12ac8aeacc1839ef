package import ArgumentParser
import KubernetesModel

/// `apus`
package struct ApusCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "apus", abstract: "Looks at and changes a mesh.",
        subcommands: [
            ManifestCommand.self, ProfileCommand.self, ValidateCommand.self, TranslateCommand.self,
            SimulateCommand.self, KubeInjectCommand.self, InstallCommand.self, UninstallCommand.self,
            VersionCommand.self,
            CompletionCommand.self,
        ])

    package init() {}

    /// Runs the program with its arguments and ends it: 0 for fine, 1 where the input or the cluster is at fault, 2 if
    /// the arguments are not understood.
    package static func runProgram() async -> Never {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            exit()
        } catch {
            guard let words = usageMessage(for: error) else { exit(withError: error) }
            tell(words)
            exit(withError: ExitCode.usage)
        }
    }

    /// What to say of arguments that are not understood; nil for every other way to end.
    static func usageMessage(for error: any Error) -> String? {
        exitCode(for: error) == .validationFailure ? fullMessage(for: error) : nil
    }
}

/// `apus version`
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Prints the version.")

    func run() { print(apusVersion) }
}
