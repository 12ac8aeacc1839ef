import DiscoveryAPI
import EnvoyAPI
import EnvoyBootstrap
import GRPCCore
import KubernetesModel
import Logging
import SwiftProtobuf

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
        let endpoint = settings.endpoint
        let metadata = try endpoint.metadata()
        let question = try Envoy_Service_Discovery_V3_DiscoveryRequest.with {
            $0.typeURL = Self.typeURL
            $0.node = try Envoy_Config_Core_V3_Node(jsonString: node.json.jsonText)
        }
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        defer { end.finish() }
        // The stream stays open until there is an answer: who hangs up wants none.
        let request = StreamingClientRequest<WholeWire.Request>(metadata: metadata) { writer in
            try await writer.write(question)
            for await _ in ends {}
        }
        var options = CallOptions.defaults
        options.waitForReady = false
        options.timeout = deadline - .now
        let work = Abandonable<Envoy_Config_Bootstrap_V3_Bootstrap>()
        return try await work.run { [options] in
            let (answers, answer) = AsyncStream.makeStream(of: Envoy_Service_Discovery_V3_DiscoveryResponse.self)
            try await withGRPCClient(transport: try endpoint.transport()) { client in
                try await WholeWire.open(ControlPlaneStub(wrapping: client), request, options) { response in
                    defer { end.finish() }
                    for try await message in response.messages where message.typeURL == Self.typeURL {
                        answer.yield(message)
                        return
                    }
                }
            }
            answer.finish()
            for await message in answers {
                guard let resource = message.resources.first else { return Envoy_Config_Bootstrap_V3_Bootstrap() }
                return try Envoy_Config_Bootstrap_V3_Bootstrap(serializedBytes: resource.value)
            }
            throw RPCError(code: .unavailable, message: "the control plane ended the stream without an answer")
        }
    }
}

extension AgentConfiguration {
    /// Nil: the control plane is not asked for the bootstrap.
    func bootstrapDiscovery(logger: Logger) -> BootstrapDiscovery? {
        guard isOn("BOOTSTRAP_XDS_AGENT"), settings.customConfigFile == nil else { return nil }
        return BootstrapDiscovery(settings: relaySettings, node: node, folder: settings.configPath, logger: logger)
    }
}
