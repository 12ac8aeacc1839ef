import Foundation
import Synchronization

/// Runs `Hack/cluster` and sees to it that no cluster outlives this process.
enum ClusterProcesses {
    private static let running = Mutex<Set<String>>([])
    private static let endWithProcess: Void = {
        atexit { ClusterProcesses.endAll() }
    }()

    /// Folder of the package, from the place of this file in it.
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
    private static let command = root + "/Hack/cluster"

    static func willStart(_ name: String) {
        _ = endWithProcess
        running.withLock { _ = $0.insert(name) }
    }

    static func hasEnded(_ name: String) { running.withLock { _ = $0.remove(name) } }

    /// Ends clusters of test processes that are gone (they crashed, or were killed).
    static func removeLeftovers() async throws {
        let home = ProcessInfo.processInfo.environment["HOME"] ?? "/root"
        let cache = ProcessInfo.processInfo.environment["XDG_CACHE_HOME"] ?? home + "/.cache"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: cache + "/apus/clusters")) ?? []
        for name in names where name.hasPrefix("test-") {
            guard let process = name.split(separator: "-").dropFirst().first.flatMap({ pid_t($0) }),
                kill(process, 0) != 0, errno == ESRCH
            else { continue }
            _ = try? await run(["down", "--name", name])
        }
    }

    /// Runs `Hack/cluster` and gives what it prints.
    static func run(_ arguments: [String]) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            // A thread of its own: it waits for minutes when Kubernetes has to be built first.
            Thread.detachNewThread { continuation.resume(with: Result { try runBlocking(arguments) }) }
        }
    }

    private static func runBlocking(_ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: command)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        // Files, not pipes: nothing that keeps running can keep them open for us.
        let folder = FileManager.default.temporaryDirectory
        let output = folder.appending(path: "apus-cluster-\(UUID().uuidString)")
        let errors = folder.appending(path: "apus-cluster-\(UUID().uuidString)")
        for file in [output, errors] { _ = FileManager.default.createFile(atPath: file.path, contents: nil) }
        defer {
            for file in [output, errors] { try? FileManager.default.removeItem(at: file) }
        }
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let said = (try? String(contentsOf: errors, encoding: .utf8)) ?? ""
            throw ClusterProblem(
                description: "Hack/cluster \(arguments.joined(separator: " ")) failed: \(said.suffix(2000))")
        }
        return try String(contentsOf: output, encoding: .utf8)
    }

    /// The end of the process: nothing asynchronous is left to rely on.
    private static func endAll() {
        for name in running.withLock({ $0 }) { _ = try? runBlocking(["down", "--name", name]) }
    }
}
