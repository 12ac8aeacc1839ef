import ArgumentParser
import IstioAPI
import KubernetesModel
import OperatorControllers

/// `apus install`
struct InstallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "install", abstract: "Installs what IstioOperator files ask for, without an operator.")

    @OptionGroup var cluster: ClusterOptions

    @OptionGroup var operatorOptions: OperatorOptions

    @Flag(inversion: .prefixedNo, help: "Wait until every component is ready.")
    var wait = true

    @Flag(name: .customLong("dry-run"), help: "Ask the API server what would change, and change nothing.")
    var isDryRun = false

    @Flag(name: [.customShort("y"), .customLong("skip-confirmation")], help: "Accepted: nobody is asked anyway.")
    var isConfirmed = false

    func run() async throws {
        let input = try tellingFaults { try operatorOptions.input() }
        let iop = try tellingFaults { try input.readableOperator() }
        try await cluster.withClient { client, logger in
            let installer = Installer(client: client, logger: logger)
            if isDryRun {
                let (preview, outcome) = try await installer.preview(iop)
                if let outcome { tell("\(outcome.word.rawValue): \(outcome.message)") }
                guard let preview else { throw ExitCode.fault }
                try put(preview.changes.map { "\($0.change.rawValue) \($0.object)\n" }.joined())
                tell(preview.refused.map { input.finding($0) })
                if preview.refused.hasErrors { throw ExitCode.fault }
                return
            }
            let outcome = try await installer.install(iop, isWaiting: wait) {
                tell("\($0.word.rawValue): \($0.message)")
            }
            if outcome.word == .error { throw ExitCode.fault }
        }
    }
}

/// `apus uninstall`
struct UninstallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "uninstall", abstract: "Removes what IstioOperator files installed; CRDs and the root stay.")

    @OptionGroup var cluster: ClusterOptions

    @OptionGroup var operatorOptions: OperatorOptions

    @Flag(help: "Remove the mesh's root of trust too.")
    var purge = false

    @Flag(name: [.customShort("y"), .customLong("skip-confirmation")], help: "Accepted: nobody is asked anyway.")
    var isConfirmed = false

    func validate() throws {
        let says = operatorOptions.files.isEmpty && operatorOptions.settings.isEmpty && operatorOptions.revision == nil
        if says { throw ValidationError("say which install is to go: -f FILE, or --revision NAME") }
    }

    func run() async throws {
        let input = try tellingFaults { try operatorOptions.input() }
        try await cluster.withClient { client, logger in
            tell(
                try await Installer(client: client, logger: logger)
                    .uninstall(input.istioOperator, isPurging: purge) { tell("waiting for \($0)") })
        }
    }
}

extension OperatorInput {
    /// The object, unless its spec cannot be read; warnings are told. Profiles in files become part of the spec.
    fileprivate func readableOperator() throws(InputFault) -> IstioOperator {
        let read = istioOperator.read()
        let profiles = try packageProfiles(for: read.spec, self)
        let findings = (object.unknownTopLevelFields + read.diagnostics).map { finding($0) } + profiles.findings
        guard !findings.hasErrors else { throw InputFault(findings.inOrder) }
        tell(findings.inOrder)
        guard !profiles.specs.isEmpty else { return istioOperator }
        var iop = istioOperator
        iop.specJSON = profiles.spec(under: iop.specJSON)
        return iop
    }
}
