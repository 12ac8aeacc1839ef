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

    @Option(
        name: .customLong("component"), help: "Only the objects of these components, such as Base,Pilot. Repeatable.")
    var components: [String] = []

    @Flag(help: "Go on in spite of fields that are wrong; they are left out.")
    var force = false

    @Option(name: .shortAndLong, help: "File to write the objects to, instead of standard output.")
    var output: String?

    @Flag(name: .customLong("dry-run"), help: "Accepted for the sake of scripts: nothing is ever applied.")
    var isDryRun = false

    func run() throws {
        try tellingFaults {
            let chosen = try chosenComponents(components)
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
            let manifests = rendered.manifests.filter { chosen.contains($0.component) }
            try put(yamlText(documents: manifests.map { YAMLNode($0.object.json) }), into: output)
        }
    }
}

/// The components of these names, with commas between them, in letters of any case; all of them for no name.
func chosenComponents(_ texts: [String]) throws(InputFault) -> Set<Component> {
    let names = texts.flatMap { $0.split(separator: ",").map { $0.filter { !$0.isWhitespace } } }
    guard !names.isEmpty else { return Set(Component.allCases) }
    var findings: [Finding] = []
    let chosen = names.compactMap { name -> Component? in
        if let component = Component.allCases.first(where: { $0.rawValue.lowercased() == name.lowercased() }) {
            return component
        }
        let known = Component.allCases.map(\.rawValue)
        let hint = Spelling.nearest(to: name, among: known).map { " (did you mean \($0)?)" } ?? ""
        let message = "there is no component \"\(name)\"\(hint); known are \(known.joined(separator: ", "))"
        findings.append(Finding(at: .argument("--component \(name)"), message))
        return nil
    }
    guard findings.isEmpty else { throw InputFault(findings) }
    return Set(chosen)
}

/// The version that objects are rendered for where nobody says another.
let defaultKubernetesVersion = "1.33"
