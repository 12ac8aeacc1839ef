import ArgumentParser
import KubernetesModel
import YAML

/// `apus translate`
struct TranslateCommand: ParsableCommand {
    // The options are those of subcommands alone: a command takes its own away from those under it.
    static let configuration = CommandConfiguration(
        commandName: "translate", abstract: "Prints what an Envoy would be sent for the objects of files.",
        subcommands: [TranslateResourcesCommand.self, TranslateAuthorizationCommand.self],
        defaultSubcommand: TranslateResourcesCommand.self)
}

/// `apus translate`, without a further word.
struct TranslateResourcesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resources", abstract: "Prints what an Envoy would be sent for the objects of files.",
        discussion: "Exactly the resources that the control plane would send; nothing is asked of a cluster.")

    @Option(
        name: [.customShort("f"), .customLong("filename")],
        help: "File or folder with Kubernetes' and Istio's objects; - for standard input.")
    var files: [String] = []

    @Option(
        help: ArgumentHelp("Whose Envoy: of a Pod in the files, of a workload, or any.", valueName: "pod.namespace"))
    var proxy: ProxyName

    @Option(help: "Which resources.")
    var type: ResourceType = .all

    @Option(name: .shortAndLong, help: "How they are written.")
    var output: DataFormat = .json

    func validate() throws {
        if files.isEmpty { throw ValidationError("name a file or folder with -f") }
    }

    func run() throws {
        try tellingFaults {
            let mesh = MeshFiles(InputDocuments(reading: files))
            tell(mesh.findings.inOrder)
            let chosen = mesh.proxy(proxy)
            if let note = chosen.note { tell([Finding(.note, note)]) }
            try put(output.text(type.json(mesh.resources(for: chosen.proxy))))
        }
    }
}

/// How data is written.
enum DataFormat: String, ExpressibleByArgument, CaseIterable {
    case json, yaml

    func text(_ value: JSONValue) -> String {
        switch self {
        case .json: value.prettyJSONText + "\n"
        case .yaml: yamlText(documents: [YAMLNode(value)])
        }
    }
}
