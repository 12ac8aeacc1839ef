import ArgumentParser
import EnvoyBootstrap
import KubernetesModel

/// `pilot-agent version`
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Prints the version.")

    @Flag(name: .shortAndLong, help: "Only the version's number.")
    var short = false

    func run() {
        print(short ? apusVersion : "version \(apusVersion), as proxies of Istio \(compatibleIstioVersion)")
    }
}
