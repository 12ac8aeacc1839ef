import ArgumentParser
import KubernetesModel
import SidecarInjector
import YAML

/// `apus kube-inject`
struct KubeInjectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kube-inject", abstract: "Prints workloads with the sidecars that the mesh would inject.",
        discussion: """
            For files that are applied where no webhook injects. The settings are those of an install with the same \
            --set, --values and --revision; everything but workloads is printed as it is. Nothing is asked of a cluster.
            """)

    @Option(
        name: [.customShort("f"), .customLong("filename")],
        help: "File or folder with workloads; - for standard input.")
    var files: [String] = []

    @Option(
        name: [.customShort("s"), .customLong("set")],
        help: "A field of the install's spec, such as values.global.proxy.logLevel=debug.")
    var settings: [String] = []

    @Option(
        name: [.customLong("values"), .customLong("valuesFile")],
        help: ArgumentHelp("File with values of the install, under --set.", valueName: "file"))
    var values: [String] = []

    @Option(
        name: [.customLong("mesh-config"), .customLong("meshConfigFile")],
        help: ArgumentHelp("File with a MeshConfig, over that of the install.", valueName: "file"))
    var meshConfig: String?

    @Option(
        name: [.customLong("injectConfigFile"), .customLong("inject-config")],
        help: ArgumentHelp(
            "File with the injector's configuration, or its ConfigMap, instead of the install's.", valueName: "file"))
    var injectConfig: String?

    @Option(help: "Name of the control plane's revision.")
    var revision: String?

    @Option(name: .customLong("kubernetes-version"), help: "Version that the nodes run, such as 1.30.")
    var kubernetesVersion = defaultKubernetesVersion

    @Option(name: .shortAndLong, help: "File to write the workloads to, instead of standard output.")
    var output: String?

    func validate() throws {
        if files.isEmpty { throw ValidationError("name a file or folder with -f") }
    }

    func run() throws {
        try tellingFaults {
            let settings = try InjectionFiles(
                settings: settings, values: values, meshConfig: meshConfig, injectConfig: injectConfig,
                revision: revision, kubernetesMinor: try kubernetesMinor(kubernetesVersion)
            ).injectionSettings()
            var workloads = WorkloadFiles(settings.byHand)
            for path in files {
                for file in try inputFiles(path) { try workloads.add(try text(of: file), of: file) }
            }
            tell(workloads.findings.inOrder)
            guard !workloads.findings.hasErrors else { throw ExitCode.fault }
            try put(yamlText(documents: workloads.documents), into: output)
        }
    }
}
