import Foundation
import KubernetesClient
import KubernetesTesting
import OperatorControllers
import Testing

/// The built program `apus-operator`, as a process of its own.
final class OperatorProcess {
    private let process = Process()
    private let folder: URL
    private let log: URL

    /// Starts it with the operator's ServiceAccount and nothing more.
    init(_ operators: OperatorCluster) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "apus-operator-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        log = folder.appending(path: "log")
        _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        let kubeconfig = folder.appending(path: "kubeconfig")
        try OperatorProcess.kubeconfig(operators).write(to: kubeconfig, atomically: true, encoding: .utf8)

        process.executableURL = try OperatorProcess.program()
        process.arguments = ["--kubeconfig", kubeconfig.path, "--health-port", "0", "--metrics-port", "0"]
        process.environment = [
            "POD_NAME": "apus-operator-0", "POD_NAMESPACE": OperatorManifests.namespace, "SWIFT_BACKTRACE": "enable=no",
        ]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = try FileHandle(forWritingTo: log)
        try process.run()
    }

    /// What it has logged so far.
    var said: String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }

    /// Waits until it begins to work. Its log is a file, which can only be looked at again and again.
    func untilItLeads() async throws {
        let deadline = ContinuousClock.now + .seconds(90)
        while !said.contains("Leading") {
            guard process.isRunning, ContinuousClock.now < deadline else {
                throw ClusterProblem(description: "the operator does not begin to work: \(said.suffix(3000))")
            }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    /// Ends it as nothing can be prepared for.
    func kill() {
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Ends it gracefully.
    ///
    /// - Returns: Its exit status.
    func terminate() -> Int32 {
        process.terminate()
        process.waitUntilExit()
        return process.terminationStatus
    }

    deinit {
        if process.isRunning { kill() }
        try? FileManager.default.removeItem(at: folder)
    }

    /// Beside the tests' own program.
    private static func program() throws -> URL {
        let root = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let folders = [
            URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent(), root.appending(path: ".build/debug"),
        ]
        let programs = folders.map { $0.appending(path: "apus-operator") }
        return try #require(
            programs.first { FileManager.default.isExecutableFile(atPath: $0.path) },
            "apus-operator is not built; looked in \(folders.map(\.path))")
    }

    private static func kubeconfig(_ operators: OperatorCluster) throws -> String {
        let configuration = operators.cluster.configuration
        let authority = Data(try #require(configuration.trustRootsPEM)).base64EncodedString()
        return """
            apiVersion: v1
            kind: Config
            current-context: test
            contexts:
            - name: test
              context: {cluster: test, user: operator}
            clusters:
            - name: test
              cluster: {server: "\(configuration.server)", certificate-authority-data: "\(authority)"}
            users:
            - name: operator
              user: {token: "\(operators.operatorToken)"}
            """
    }
}
