import EnvoyTesting
import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A TLS connection that stays open, of `openssl s_client`.
final class OpenConnection {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    init(port: Int, serverName: String, authorities: String, _ arguments: String...) throws {
        process.executableURL = URL(fileURLWithPath: Programs.openssl)
        process.arguments =
            [
                "s_client", "-quiet", "-verify_return_error", "-CAfile", authorities, "-connect", "127.0.0.1:\(port)",
                "-servername", serverName,
            ] + arguments
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    /// What comes back until these words have, or the connection ends.
    func send(_ text: String, until end: String) throws -> String {
        try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
        var received = ""
        while !received.contains(end) {
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { break }
            received += String(decoding: more, as: UTF8.self)
        }
        return received
    }

    func close() {
        try? input.fileHandleForWriting.close()
        // A polite signal would not do: processes that tests start have those blocked.
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }
}
