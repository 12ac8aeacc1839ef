import Foundation
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import Synchronization
import Testing

/// A program that runs as a process of its own.
final class RunningProgram: Sendable {
    /// The lines of its standard error.
    let lines = Journal<String>()
    private let process: Mutex<Process>
    private let exit = Journal<Exit>()

    /// How a process ended.
    struct Exit: Hashable, Sendable {
        var code: Int32
        /// Ended by a signal: it crashed.
        var isCrash: Bool
    }

    /// Starts it.
    ///
    /// - Parameters:
    ///   - path: The executable.
    ///   - environment: On top of a bare `PATH`.
    init(_ path: String, _ arguments: [String], environment: [String: String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.environment = ["PATH": "/usr/bin:/bin"].merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        let errors = Pipe()
        process.standardError = errors
        process.terminationHandler = { [exit] process in
            exit.add(Exit(code: process.terminationStatus, isCrash: process.terminationReason == .uncaughtSignal))
        }
        let lines = lines
        // A thread that waits: Foundation's own handler of what can be read crashes now and then at the end of a pipe.
        let output = errors.fileHandleForReading
        Thread.detachNewThread {
            var rest = Data()
            while case let bytes = output.availableData, !bytes.isEmpty {
                rest.append(bytes)
                while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    lines.add(String(decoding: rest[..<end], as: UTF8.self))
                    rest = Data(rest[rest.index(after: end)...])
                }
            }
        }
        try process.run()
        self.process = Mutex(process)
    }

    /// A program of this package: beside the tests' own executable.
    static func path(of name: String) throws -> String {
        let tests = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
        let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let places = [tests, package.appending(path: ".build/debug")].map { $0.appending(path: name) }
        return try #require(
            places.map(\.path).first { FileManager.default.isExecutableFile(atPath: $0) }, "\(name) is not built")
    }

    /// SIGTERM.
    func terminate() { process.withLock { $0.terminate() } }

    /// Waits for its end.
    func end(within limit: Duration = .seconds(60)) async throws -> Exit {
        try await exit.wait(for: "the end of the program", within: limit) { !$0.isEmpty }
        return exit.entries[0]
    }

    func waitForLine(_ text: String, count: Int = 1) async throws {
        try await lines.wait(for: "\"\(text)\" in the log") { $0.count { $0.contains(text) } >= count }
    }

    /// Runs one while `body` runs; it does not outlive this.
    static func with<Value: Sendable>(
        _ path: String, _ arguments: [String], environment: [String: String] = [:],
        _ body: (RunningProgram) async throws -> Value
    ) async throws -> Value {
        let program = try RunningProgram(path, arguments, environment: environment)
        defer {
            program.process.withLock { process in
                if process.isRunning { kill(process.processIdentifier, SIGKILL) }
            }
        }
        return try await body(program)
    }

    /// A TCP port of loopback that nobody listens on.
    static func freePort() throws -> Int {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(socket, address, length) == 0 && getsockname(socket, address, &length) == 0
            }
        }
        try #require(isBound)
        return Int(UInt16(bigEndian: address.sin_port))
    }
}

/// Asks a server on loopback; nil if none listens there.
func httpGet(_ host: String = "127.0.0.1", port: Int, _ path: String) async throws -> (status: Int, text: String)? {
    var limits = TestCluster.limits
    limits.retries = 0
    let client = KubernetesClient(
        ClientConfiguration(server: "http://\(host):\(port)"), userAgent: "tests", logger: Journal<LogEntry>().logger,
        limits: limits)
    let result: Result<(status: Int, bytes: [UInt8]), any Error>
    do {
        result = .success(try await client.raw(path: path))
    } catch {
        result = .failure(error)
    }
    try await client.shutdown()
    if case .failure(let error as TransportError) = result, error.kind == .unreachable { return nil }
    let answer = try result.get()
    return (answer.status, String(decoding: answer.bytes, as: UTF8.self))
}
