import ArgumentParser

/// `apus completion`
struct CompletionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion", abstract: "Prints a script that completes commands in a shell.",
        discussion: "For this session: source <(apus completion bash)")

    /// Shells that there is a script for.
    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash, zsh, fish
    }

    @Argument(help: "The shell.")
    var shell: Shell

    func run() throws {
        try tellingFaults { try put(ApusCommand.completionScript(for: shell.generator) + "\n") }
    }
}

extension CompletionCommand.Shell {
    fileprivate var generator: CompletionShell {
        switch self {
        case .bash: .bash
        case .zsh: .zsh
        case .fish: .fish
        }
    }
}
