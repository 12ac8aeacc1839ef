import ArgumentParser
import KubernetesModel
import ManifestRenderer

/// `apus manifest diff`
struct ManifestDiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Compares two sets of objects; exit code 1 if they differ.",
        discussion: """
            Each side is a file, a folder, or - for standard input. An IstioOperator stands for the objects it renders.
            """)

    @Argument(help: "Objects as they were.")
    var old: String

    @Argument(help: "Objects as they are to be.")
    var new: String

    @Option(name: .customLong("kubernetes-version"), help: "Version that IstioOperators are rendered for.")
    var kubernetesVersion = defaultKubernetesVersion

    func run() throws {
        let changes = try tellingFaults {
            let minor = try kubernetesMinor(kubernetesVersion)
            return ObjectChange.changes(from: try objects(old, minor), to: try objects(new, minor))
        }
        guard !changes.isEmpty else { return }
        try put(changes.map { "\($0)\n" }.joined())
        throw ExitCode.fault
    }

    private func objects(_ path: String, _ kubernetesMinor: Int) throws(InputFault) -> [UnstructuredObject] {
        let read = InputDocuments(reading: [path])
        guard read.findings.isEmpty else { throw InputFault(read.findings) }
        var objects: [UnstructuredObject] = []
        for document in read.documents {
            guard document.object.kind == "IstioOperator" else {
                objects.append(document.object)
                continue
            }
            let rendering = Rendering(try OperatorInput([document], []), kubernetesMinor: kubernetesMinor)
            guard let rendered = rendering.manifests else { throw InputFault(rendering.findings) }
            objects += rendered.manifests.map(\.object)
        }
        return objects
    }
}
