import ArgumentParser
import ProxyAgent

/// `pilot-agent request METHOD PATH`
struct RequestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request", abstract: "Asks this Pod's Envoy, or its agent, for something.")

    @Argument(help: "Such as GET or POST.")
    var method: String

    @Argument(help: "Such as stats/prometheus.")
    var path: String

    @Option(name: .customLong("debug-port"), help: "15000 is Envoy's, 15020 the agent's.")
    var debugPort = 15000

    @OptionGroup var logging: LoggingArguments

    func run() async throws {
        ProxyAgent.prepareProcess()
        let body = try await proxyRequest(method, path, port: debugPort)
        print(String(decoding: body, as: UTF8.self), terminator: body.last == UInt8(ascii: "\n") ? "" : "\n")
    }
}
