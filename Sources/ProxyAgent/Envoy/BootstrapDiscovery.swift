import AgentRuntime
import DiscoveryAPI
import EnvoyAPI
import EnvoyBootstrap
import KubernetesModel
import Logging
import SwiftProtobuf
import XDSRelay

/// Asks the control plane what people add to the bootstrap with EnvoyFilters, before Envoy starts.
///
/// ```
///  own bootstrap ─┬─► amended ─► Envoy takes it? ─┬─► Envoy
///  control plane ─┘                               └── no: its own
/// ```
/// Istio's own control planes answer with a whole bootstrap, which is then taken as it is. Without an answer, and with
/// one that Envoy would not take, Envoy starts with its own.
struct BootstrapDiscovery: Sendable {
    static let typeURL = Envoy_Config_Bootstrap_V3_Bootstrap.typeURL

    let settings: DiscoveryRelaySettings
    let node: NodeDescription
    /// The folder that bootstraps are written to.
    let folder: String
    let logger: Logger
    /// For an answer.
    var patience: Duration = .seconds(30)

    /// What Envoy is to be started with.
    ///
    /// - Parameter command: Makes the command of a bootstrap's path.
    func command(own path: String, _ command: @Sendable (String) -> EnvoyCommand) async throws -> EnvoyCommand {
        do {
            let answer = try await answer()
            guard let amended = try write(answer, over: path) else { return command(path) }
            try await validate(command(amended))
            logger.info("The control plane has amended the bootstrap", metadata: ["path": "\(amended)"])
            return command(amended)
        } catch let error as CancellationError {
            throw error
        } catch {
            try Task.checkCancellation()
            logger.error(
                "Envoy starts without what EnvoyFilters add to its bootstrap", metadata: ["error": "\(error)"])
            return command(path)
        }
    }

    /// The path of the bootstrap with the answer in it; nil: nothing is added.
    private func write(_ answer: Envoy_Config_Bootstrap_V3_Bootstrap, over path: String) throws -> String? {
        if !answer.node.id.isEmpty {
            let whole = "\(folder)/envoy-discovered.pb"
            let bytes: [UInt8] = try answer.serializedBytes()
            try Files.replace(whole, with: bytes, mode: 0o644)
            return whole
        }
        if answer == Envoy_Config_Bootstrap_V3_Bootstrap() { return nil }
        KnownTypes.register()
        var options = JSONEncodingOptions()
        options.preserveProtoFieldNames = true
        let part = try JSONValue(parsing: try answer.jsonString(options: options))
        let own = try JSONValue(parsing: try Files.text(path))
        let amended = "\(folder)/envoy-discovered.json"
        let text = bootstrap(own, amendedBy: part).prettyJSONText
        try Files.replace(amended, with: Array(text.utf8), mode: 0o644)
        return amended
    }

    /// Has Envoy read it without starting.
    private func validate(_ command: EnvoyCommand) async throws {
        var command = command
        command.arguments += ["--mode", "validate"]
        let status = try await ChildProcess(command).run { _ in }
        guard status == 0 else {
            throw BootstrapFileError("Envoy refuses it with status \(status), and says above why")
        }
    }

    // MARK: - The control plane

    private func answer() async throws -> Envoy_Config_Bootstrap_V3_Bootstrap {
        let deadline = ContinuousClock.now + patience
        var failures = 0
        while true {
            do {
                return try await ask(until: deadline)
            } catch let error as CancellationError {
                throw error
            } catch {
                failures += 1
                let delay = settings.backoff.delay(afterFailures: failures, random: .random(in: 0..<1))
                guard ContinuousClock.now + delay < deadline else {
                    throw BootstrapFileError("the control plane \(settings.address) does not tell it: \(error)")
                }
                try await Task.sleep(for: delay)
            }
        }
    }

    private func ask(until deadline: ContinuousClock.Instant) async throws -> Envoy_Config_Bootstrap_V3_Bootstrap {
        let question = ControlPlaneQuestion(settings: settings, node: node)
        let answer = try await question.answer(Self.typeURL, until: deadline)
        guard let resource = answer.resources.first else { return Envoy_Config_Bootstrap_V3_Bootstrap() }
        return try Envoy_Config_Bootstrap_V3_Bootstrap(serializedBytes: resource.value)
    }
}

extension AgentConfiguration {
    /// Nil: the control plane is not asked for the bootstrap.
    func bootstrapDiscovery(logger: Logger) -> BootstrapDiscovery? {
        guard isOn("BOOTSTRAP_XDS_AGENT"), settings.customConfigFile == nil else { return nil }
        return BootstrapDiscovery(settings: relaySettings, node: node, folder: settings.configPath, logger: logger)
    }
}
