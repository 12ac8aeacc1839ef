import ArgumentParser
import IstioAPI
import KubernetesClient
import KubernetesModel
import Logging
import ManifestRenderer
import OperatorControllers

/// How to reach the cluster.
struct ClusterOptions: ParsableArguments {
    @Option(help: "Kubeconfig file; default $KUBECONFIG, then ~/.kube/config.")
    var kubeconfig: String?

    @Option(help: "Context of the kubeconfig.")
    var context: String?

    /// Runs `body` with a client, and says in words what the cluster did wrong.
    func withClient(_ body: (KubernetesClient, Logger) async throws -> Void) async throws {
        var logger = Logger(label: "apus") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .error
        do {
            let configuration = try ClientConfiguration.automatic(kubeconfig: kubeconfig, context: context)
            let client = KubernetesClient(configuration, userAgent: "apus", logger: logger)
            do {
                try await body(client, logger)
                try await client.shutdown()
            } catch {
                try? await client.shutdown()
                throw error
            }
        } catch let exit as ExitCode {
            throw exit
        } catch {
            tell("\(error)")
            throw ExitCode.fault
        }
    }
}

/// `apus install`
struct InstallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "install", abstract: "Installs what an IstioOperator file asks for, without an operator.")

    @OptionGroup var cluster: ClusterOptions

    @Option(name: [.customShort("f"), .customLong("filename")], help: "IstioOperator file; - for standard input.")
    var files: [String]

    @Flag(inversion: .prefixedNo, help: "Wait until every component is ready.")
    var wait = true

    func run() async throws {
        try await cluster.withClient { client, logger in
            let iop = try onlyIstioOperator(in: files)
            let outcome = try await Installer(client: client, logger: logger)
                .install(iop, isWaiting: wait) { tell("\($0.word.rawValue): \($0.message)") }
            if outcome.word == .error { throw ExitCode.fault }
        }
    }
}

/// `apus uninstall`
struct UninstallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "uninstall", abstract: "Removes what an IstioOperator file installed; CRDs and the root stay.")

    @OptionGroup var cluster: ClusterOptions

    @Option(name: [.customShort("f"), .customLong("filename")], help: "IstioOperator file; - for standard input.")
    var files: [String]

    @Flag(help: "Remove the mesh's root of trust too.")
    var purge = false

    func run() async throws {
        try await cluster.withClient { client, logger in
            let iop = try onlyIstioOperator(in: files)
            tell(
                try await Installer(client: client, logger: logger)
                    .uninstall(iop, isPurging: purge) { tell("waiting for \($0)") })
        }
    }
}
