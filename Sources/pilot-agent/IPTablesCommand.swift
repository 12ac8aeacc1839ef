import ArgumentParser
import FoundationEssentials
import ProxyAgent
import TrafficCapture

/// `pilot-agent istio-iptables`
struct IPTables: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "istio-iptables", abstract: "Brings the traffic of this network namespace to the proxy.")

    @Argument(parsing: .captureForPassthrough, help: "Flags as those of Istio's command; --help names them.")
    var flags: [String] = []

    func run() throws { try runCapture(flags, cleansOnly: false) }
}

/// `pilot-agent istio-clean-iptables`
struct CleanIPTables: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "istio-clean-iptables", abstract: "Takes all rules of captures away.")

    @Argument(parsing: .captureForPassthrough, help: "Flags as those of istio-iptables.")
    var flags: [String] = []

    func run() throws { try runCapture(flags, cleansOnly: true) }
}

private func runCapture(_ flags: [String], cleansOnly: Bool) throws {
    do {
        let environment = ProcessInfo.processInfo.environment
        let command = try CaptureCommand(arguments: flags, environment: environment, cleansOnly: cleansOnly)
        print(try command.run(), terminator: "")
    } catch {
        CaptureCommand.report(error)
        throw ExitCode(CaptureCommand.exitCode(of: error))
    }
}
