import EnvoyTesting
import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// The program `pilot-agent`, as it was built beside these tests.
enum AgentProgram {
    static let path: String? = {
        if let path = ProcessInfo.processInfo.environment["APUS_PILOT_AGENT"], !path.isEmpty { return path }
        let folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        let path = folder.appendingPathComponent("pilot-agent").path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()

    static let isUsable = path != nil && EnvoyProgram.path != nil
    static let absence = "needs pilot-agent beside the tests, or in APUS_PILOT_AGENT, and an Envoy: see Hack/envoy"
}

/// An agent that runs in a folder of its own, with ports of its own.
final class AgentProcess: Sendable {
    let folder: TestFolder
    let adminPort: Int
    let statusPort: Int
    let healthPort: Int
    let metricsPort: Int
    private let process: Process
    private let hasEnded = Atomic(false)

    /// Starts `pilot-agent proxy sidecar`, whose control plane listens on this port in plain text.
    ///
    /// - Parameter files: What is in its folder before, by path.
    init(
        controlPlane port: Int, settings: [String: String] = [:], environment: [String: String] = [:],
        annotations: String = "", files: [String: String] = [:]
    ) async throws {
        folder = try TestFolder()
        (adminPort, statusPort) = (try await freePort(), try await freePort())
        (healthPort, metricsPort) = (try await freePort(), try await freePort())
        for path in ["var/run/secrets/workload-spiffe-uds", "etc/istio/pod"] {
            try FileManager.default.createDirectory(
                atPath: "\(folder.path)/\(path)", withIntermediateDirectories: true)
        }
        try folder.write(Array(annotations.utf8), to: "etc/istio/pod/annotations")
        for (path, text) in files {
            let parent = path.split(separator: "/").dropLast().joined(separator: "/")
            try FileManager.default.createDirectory(
                atPath: "\(folder.path)/\(parent)", withIntermediateDirectories: true)
            try folder.write(Array(text.utf8), to: path)
        }
        let own = settings.map { ",\"\($0.key)\":\($0.value)" }.joined()
        let proxyConfig = """
            {"binaryPath":"\(EnvoyProgram.path ?? "")","discoveryAddress":"127.0.0.1:\(port)",\
            "controlPlaneAuthPolicy":"NONE","proxyAdminPort":\(adminPort),"statusPort":\(statusPort)\(own)}
            """
        var variables = [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "", "POD_NAME": "web-1", "POD_NAMESPACE": "shop",
            "INSTANCE_IP": "127.0.0.1", "ISTIO_CPU_LIMIT": "1", "ISTIO_DUAL_STACK": "false",
            "PROXY_CONFIG": proxyConfig,
            "ENVOY_STATUS_PORT": "\(healthPort)", "ENVOY_PROMETHEUS_PORT": "\(metricsPort)",
            "SWIFT_BACKTRACE": "enable=no", "XDS_TAP_PORT": "0",
        ]
        variables.merge(environment) { _, new in new }
        process = Process()
        process.executableURL = URL(fileURLWithPath: AgentProgram.path ?? "")
        process.arguments = ["proxy", "sidecar", "--log_output_level=default:debug"]
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        process.environment = variables
        let log = try FileHandle(forWritingTo: URL(fileURLWithPath: try folder.write([], to: "log")))
        process.standardOutput = log
        process.standardError = log
        try process.run()
    }

    var identifier: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }
    /// How it ended.
    var status: Int32 { process.terminationStatus }
    var log: String { (try? folder.text(of: "log")) ?? "" }

    func signal(_ number: Int32) { if process.isRunning { kill(identifier, number) } }

    /// Ends it, for sure, and once.
    func end() {
        guard !hasEnded.exchange(true, ordering: .relaxed) else { return }
        if process.isRunning { kill(identifier, SIGKILL) }
        folder.remove()
    }

    /// The process id of its Envoy; nil while there is none.
    var envoy: Int32? {
        let path = "/proc/\(identifier)/task"
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        let children = threads.flatMap { thread in
            ((try? String(contentsOfFile: "\(path)/\(thread)/children", encoding: .utf8)) ?? "").split(separator: " ")
        }
        return children.first.flatMap { Int32($0) }
    }

    /// What is answered at a path of 15020's.
    func ask(_ path: String, method: String = "GET", port: Int? = nil) async throws -> (status: Int, body: String) {
        try await request(method, port: port ?? statusPort, path)
    }

    /// It is ready, as the kubelet asks: through Envoy.
    func isReady() async -> Bool { (try? await ask("/healthz/ready", port: healthPort))?.status == 200 }
}

/// A port that nobody listens on.
func freePort() async throws -> Int {
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .bind(host: "127.0.0.1", port: 0).get()
    let port = channel.localAddress?.port
    try await channel.close()
    guard let port else { throw AgentTestFailure("no free port") }
    return port
}

struct AgentTestFailure: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}
