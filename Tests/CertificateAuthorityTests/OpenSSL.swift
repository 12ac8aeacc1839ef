import Foundation

/// The machine's `openssl`, the independent reader of what we make and maker of what we read.
struct OpenSSL {
    /// A folder of its own, removed by ``remove()``.
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "ca-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    func write(_ text: String, to name: String) throws {
        try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
    }

    func bytes(of name: String) throws -> [UInt8] { Array(try Data(contentsOf: folder.appending(path: name))) }

    /// Runs `openssl` in the folder; output and errors together, and whether it succeeded.
    @discardableResult
    func run(_ arguments: String...) throws -> (output: String, succeeded: Bool) { try run(arguments: arguments) }

    /// Runs `openssl` in the folder; output and errors together, and whether it succeeded.
    @discardableResult
    func run(arguments: [String]) throws -> (output: String, succeeded: Bool) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        process.currentDirectoryURL = folder
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (String(decoding: output, as: UTF8.self), process.terminationStatus == 0)
    }
}
