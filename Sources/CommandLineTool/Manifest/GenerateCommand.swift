import ArgumentParser
import KubernetesModel
import ManifestRenderer
import YAML

/// `apus manifest`
struct ManifestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manifest", abstract: "Shows what an install consists of.",
        subcommands: [GenerateCommand.self, ManifestDiffCommand.self])
}

/// `apus manifest generate`
struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Prints the objects that an install applies, in apply order.",
        discussion: "Nothing is asked of a cluster.")

    @OptionGroup var operatorOptions: OperatorOptions

    @Option(name: .customLong("kubernetes-version"), help: "Version the objects are for, such as 1.30.")
    var kubernetesVersion = defaultKubernetesVersion

    @Flag(help: "Go on in spite of fields that are wrong; they are left out.")
    var force = false

    @Option(name: .shortAndLong, help: "File to write the objects to, instead of standard output.")
    var output: String?

    @Flag(name: .customLong("dry-run"), help: "Accepted for the sake of scripts: nothing is ever applied.")
    var isDryRun = false

    func run() throws {
        try tellingFaults {
            let input = try operatorOptions.input()
            let rendering = Rendering(
                input, kubernetesMinor: try kubernetesMinor(kubernetesVersion), isForced: force)
            tell(rendering.findings)
            guard let rendered = rendering.manifests else {
                let count = rendering.findings.errorCount
                let errors = count == 1 ? "1 error" : "\(count) errors"
                throw InputFault(
                    rendering.isUnreadable
                        ? "could not unmarshal the spec of \(input.subject): \(errors)"
                        : "could not render \(input.subject): \(errors)")
            }
            try put(yamlText(documents: rendered.manifests.map { YAMLNode($0.object.json) }), into: output)
        }
    }
}

/// The version that objects are rendered for where nobody says another.
let defaultKubernetesVersion = "1.33"
