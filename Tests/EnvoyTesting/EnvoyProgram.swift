package import EnvoyAPI
import Foundation
import SwiftProtobuf

/// A real Envoy, if there is one on this machine: where `APUS_ENVOY` says, or where `Hack/envoy` puts it.
package enum EnvoyProgram {
    package static let path: String? = {
        let environment = ProcessInfo.processInfo.environment
        if let path = environment["APUS_ENVOY"], !path.isEmpty { return path }
        let cache = environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "") + "/.cache"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: "\(cache)/apus/envoy")) ?? []
        return versions.sorted { $0.compare($1, options: .numeric) == .orderedDescending }
            .map { "\(cache)/apus/envoy/\($0)/envoy" }.first(where: FileManager.default.isExecutableFile(atPath:))
    }()

    /// Why tests that need one are skipped.
    package static let absence = "no Envoy on this machine: run Hack/envoy, or say where it is in APUS_ENVOY"

    /// What an Envoy says of a bootstrap, without serving anything.
    package static func validate(_ bootstrap: Envoy_Config_Bootstrap_V3_Bootstrap) throws -> (
        isValid: Bool, output: String
    ) {
        try validate(bootstrap.stableBytes(), ending: "pb")
    }

    /// The same of the bytes of a file.
    ///
    /// - Parameter ending: Of the file's name, by which Envoy tells how it is written: `json`, `yaml` or `pb`.
    package static func validate(_ bytes: [UInt8], ending: String) throws -> (isValid: Bool, output: String) {
        let folder = try TestFolder()
        defer { folder.remove() }
        let file = try folder.write(bytes, to: "bootstrap.\(ending)")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path ?? "")
        process.arguments = ["--mode", "validate", "-c", file, "-l", "warning"]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus == 0, output)
    }
}
