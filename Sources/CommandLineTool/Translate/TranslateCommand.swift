import ArgumentParser
import KubernetesModel
import YAML

/// `apus translate`
struct TranslateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "translate", abstract: "Prints what an Envoy would be sent for the objects of files.",
        discussion: "Exactly the resources that the control plane would send; nothing is asked of a cluster.",
        subcommands: [TranslateAuthorizationCommand.self])

    @Option(
        name: [.customShort("f"), .customLong("filename")],
        help: "File or folder with Kubernetes' and Istio's objects; - for standard input.")
    var files: [String] = []

    @Option(help: ArgumentHelp("Whose Envoy: of a Pod in the files, of a workload, or any.", valueName: "pod.namespace"))
    var proxy: ProxyName?

    @Option(help: "Which resources.")
    var type: ResourceType = .all

    @Option(name: .shortAndLong, help: "How they are written.")
    var output: DataFormat = .json

    func run() throws {
        guard !files.isEmpty else { throw ValidationError("name a file or folder with -f") }
        guard let proxy else { throw ValidationError("say whose Envoy is meant with --proxy POD.NAMESPACE") }
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
