import Foundation

/// Programs that test machines have.
package enum Programs {
    package static let curl = "/usr/bin/curl"
    package static let openssl = "/usr/bin/openssl"
    package static let arePresent = [curl, openssl].allSatisfy(FileManager.default.isExecutableFile(atPath:))

    /// What curl says of a request, and how it ended.
    package static func curl(_ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: curl)
        process.arguments = ["-s", "-i", "--noproxy", "*", "--max-time", "20"] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, output)
    }
}
