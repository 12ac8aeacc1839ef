import ArgumentParser

/// `apus validate`
struct ValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Checks IstioOperator and mesh configuration files; one line a fault.",
        discussion: "Nothing is asked of a cluster. Objects of other kinds are passed over with a note.")

    @Option(
        name: [.customShort("f"), .customLong("filename")], help: "File or folder; - for standard input.")
    var files: [String] = []

    @Argument(help: "More files or folders.")
    var moreFiles: [String] = []

    @Option(name: .customLong("kubernetes-version"), help: "Version that IstioOperators are for, such as 1.30.")
    var kubernetesVersion = defaultKubernetesVersion

    func validate() throws {
        if files.isEmpty, moreFiles.isEmpty { throw ValidationError("name a file or folder with -f") }
    }

    func run() throws {
        let findings = try tellingFaults {
            let minor = try kubernetesMinor(kubernetesVersion)
            return InputDocuments(reading: files + moreFiles).validated(kubernetesMinor: minor)
        }
        tell(findings)
        if findings.hasErrors { throw ExitCode.fault }
    }
}
