import EnvoyTesting
import Foundation
import KubernetesModel

/// A Python with the package grpcio, which can do without a proxy: where `APUS_GRPC_PYTHON` says, or where `Hack/test` puts
/// it.
enum GRPCPython {
    static let path: String? = {
        let environment = ProcessInfo.processInfo.environment
        if let path = environment["APUS_GRPC_PYTHON"], !path.isEmpty { return path }
        let cache = (environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "") + "/.cache") + "/apus"
        let folders = (try? FileManager.default.contentsOfDirectory(atPath: cache)) ?? []
        return folders.filter { $0.hasPrefix("venv-grpcio-") }.sorted().map { "\(cache)/\($0)/bin/python" }
            .last(where: FileManager.default.isExecutableFile(atPath:))
    }()

    static let absence =
        "no Python with grpcio on this machine: Hack/test installs one, or say where it is in APUS_GRPC_PYTHON"
}

/// `greeter.py` as it runs.
final class GreeterApplication: Sendable {
    private let identifier: Int32
    private let input: FileHandle
    private let output: FileHandle
    private let log: String

    /// - Parameters:
    ///   - bootstrap: The file that its gRPC library starts with.
    ///   - log: A file for what it says of failures.
    init(_ arguments: [String], bootstrap: String, log: String) throws {
        signal(SIGPIPE, SIG_IGN)
        self.log = log
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("greeter.py")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: GRPCPython.path ?? "")
        process.arguments = [script.path] + arguments
        process.environment = [
            "GRPC_XDS_BOOTSTRAP": bootstrap, "PATH": "/usr/bin:/bin", "GRPC_VERBOSITY": "ERROR",
        ]
        let (questions, answers) = (Pipe(), Pipe())
        process.standardInput = questions
        process.standardOutput = answers
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        process.standardError = FileHandle(forWritingAtPath: log) ?? FileHandle.nullDevice
        try process.run()
        identifier = process.processIdentifier
        (input, output) = (questions.fileHandleForWriting, answers.fileHandleForReading)
    }

    func end() { kill(identifier, SIGKILL) }

    /// What it says next, apart from answers. Nothing once it has ended.
    func line() async -> String {
        let output = output
        return await withCheckedContinuation { continuation in
            // Who waits here holds no thread that others need.
            DispatchQueue.global().async {
                var bytes: [UInt8] = []
                while let byte = (try? output.read(upToCount: 1))?.first, byte != UInt8(ascii: "\n") {
                    bytes.append(byte)
                }
                continuation.resume(returning: String(decoding: bytes, as: UTF8.self))
            }
        }
    }

    /// How often each answer and each status came to some calls.
    func call(
        _ target: String, count: Int = 20, method: String = "/echo.Echo/Say", metadata: [String: String] = [:]
    ) async throws -> [String: Int] {
        let question: JSONValue = [
            "target": .string(target), "count": .init(integerLiteral: Int64(count)), "method": .string(method),
            "metadata": .object(metadata.mapValues { .string($0) }),
        ]
        try input.write(contentsOf: Data((question.jsonText + "\n").utf8))
        let answers = try JSONValue(parsing: await line())
        return (answers.object ?? [:]).compactMapValues { Int($0.jsonText) }
    }

    /// What it said of failures.
    var failures: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }
}
