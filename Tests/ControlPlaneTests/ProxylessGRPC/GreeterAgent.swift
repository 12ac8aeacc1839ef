import EnvoyTesting
import Foundation
import KubernetesModel
import Testing

/// A real `pilot-agent` beside an application without a proxy, in a folder that stands for the Pod's files.
final class GreeterAgent: Sendable {
    /// The program, as it was built beside these tests.
    static let program: String? = {
        if let path = ProcessInfo.processInfo.environment["APUS_PILOT_AGENT"], !path.isEmpty { return path }
        let folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        let path = folder.appendingPathComponent("pilot-agent").path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()

    private let identifier: Int32
    private let folder: String

    /// - Parameters:
    ///   - name: Of the Pod.
    ///   - folder: Is made.
    ///   - controlPlane: Where it listens in plain text.
    init(
        _ name: String, at address: String, in folder: String, controlPlane: Int, identity: TestAuthority.Identity
    ) throws {
        self.folder = folder
        let credentials = "\(folder)/var/run/secrets/workload-spiffe-credentials"
        for path in [credentials, "\(folder)/var/run/secrets/workload-spiffe-uds", "\(folder)/etc/istio/pod"] {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        let files = [
            "cert-chain.pem": identity.certificate, "key.pem": identity.privateKey, "root-cert.pem": identity.root,
        ]
        for (file, text) in files {
            try text.write(toFile: "\(credentials)/\(file)", atomically: true, encoding: .utf8)
        }
        let configuration: JSONValue = [
            "discoveryAddress": .string("127.0.0.1:\(controlPlane)"), "controlPlaneAuthPolicy": "NONE",
            "statusPort": .init(integerLiteral: Int64(try ProxylessMesh.freePort())),
        ]
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.program ?? "")
        process.arguments = ["proxy", "sidecar"]
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.environment = [
            "PATH": "/usr/bin:/bin", "POD_NAME": name, "POD_NAMESPACE": "default", "INSTANCE_IP": address,
            "ISTIO_CPU_LIMIT": "1", "ISTIO_DUAL_STACK": "false", "PROXY_CONFIG": configuration.jsonText,
            "XDS_TAP_PORT": "0", "SWIFT_BACKTRACE": "enable=no", "DISABLE_ENVOY": "true",
            "OUTPUT_CERTS": "./var/lib/istio/data", "ISTIO_META_GENERATOR": "grpc",
            "GRPC_XDS_BOOTSTRAP": "./etc/istio/proxy/grpc-bootstrap.json",
        ]
        let log = "\(folder)/agent.log"
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        process.standardOutput = FileHandle(forWritingAtPath: log) ?? FileHandle.nullDevice
        process.standardError = process.standardOutput
        try process.run()
        identifier = process.processIdentifier
    }

    func end() { kill(identifier, SIGKILL) }

    var log: String { (try? String(contentsOfFile: "\(folder)/agent.log", encoding: .utf8)) ?? "" }

    /// Waits until the application can start, which the agent does not have to be asked for.
    ///
    /// - Returns: The file that the agent wrote for its gRPC library, with the paths as they are outside of a Pod.
    func bootstrap() async throws -> String {
        let path = "\(folder)/etc/istio/proxy/grpc-bootstrap.json"
        let needed =
            [path, "\(folder)/etc/istio/proxy/XDS"]
            + ["cert-chain", "key", "root-cert"].map { "\(folder)/var/lib/istio/data/\($0).pem" }
        let deadline = ContinuousClock.now + .seconds(120)
        while !needed.allSatisfy(FileManager.default.fileExists(atPath:)) {
            try #require(ContinuousClock.now < deadline, "the agent wrote nothing: \(log)")
            try await Task.sleep(for: .milliseconds(50))
        }
        let written = try String(contentsOfFile: path, encoding: .utf8)
        let usable = written.replacing("unix:///", with: "unix://\(folder)/").replacing("\"./", with: "\"\(folder)/")
        try usable.write(toFile: "\(folder)/bootstrap.json", atomically: true, encoding: .utf8)
        return "\(folder)/bootstrap.json"
    }
}
