import ArgumentParser
import ProxyAgent

/// `pilot-agent wait`
struct WaitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait", abstract: "Waits until the proxy serves.")

    @Option(help: "What is to be answered 200.")
    var url = "http://localhost:15021/healthz/ready"

    @Option(name: .customLong("timeoutSeconds"), help: "How long to wait at most.")
    var timeoutSeconds = 60

    @Option(name: .customLong("requestTimeoutMillis"), help: "How long one answer may take.")
    var requestTimeoutMillis = 500

    @Option(name: .customLong("periodMillis"), help: "How long to wait between questions.")
    var periodMillis = 500

    @OptionGroup var logging: LoggingArguments

    func run() async throws {
        guard var wait = ProxyWait(url: url) else {
            throw ValidationError("'\(url)' cannot be waited for: give http://HOST:PORT/PATH")
        }
        ProxyAgent.prepareProcess()
        wait.timeout = .seconds(timeoutSeconds)
        wait.requestTimeout = .milliseconds(requestTimeoutMillis)
        wait.period = .milliseconds(periodMillis)
        try await wait.wait()
    }
}
