package import Foundation
package import KubernetesClient
import KubernetesModel
import Logging
import Synchronization

/// A real API server that tests may do anything to.
package final class TestCluster: Sendable {
    /// Why no cluster can be started here; nil if one can. For a suite's `.enabled(if:)`.
    package static let problem: String? = {
        if external != nil { return nil }
        guard geteuid() == 0 else { return "needs root to start a cluster (or APUS_TEST_KUBECONFIG)" }
        let system = (try? String(contentsOfFile: "/etc/os-release", encoding: .utf8)) ?? ""
        guard system.contains("VERSION_CODENAME=bookworm") else {
            return "needs Debian 12 to start a cluster (or APUS_TEST_KUBECONFIG)"
        }
        return nil
    }()

    private static let external = ProcessInfo.processInfo.environment["APUS_TEST_KUBECONFIG"]
    private static let sharedStart = Mutex<Task<TestCluster, any Error>?>(nil)

    /// The cluster that all tests of this process use; started with the first call.
    package static var shared: TestCluster {
        get async throws {
            let start = sharedStart.withLock { start in
                let task =
                    start
                    ?? Task {
                        if let external { return try existing(kubeconfig: external) }
                        return try await TestCluster.start()
                    }
                start = task
                return task
            }
            return try await start.value
        }
    }

    /// As `Hack/cluster` knows it; nil for one that others started.
    package let name: String?
    /// Path of the administrator's kubeconfig.
    package let kubeconfig: String
    package let configuration: ClientConfiguration
    /// The administrator's client. Lives as long as the process.
    package let client: KubernetesClient

    private init(name: String?, kubeconfig: String) throws {
        self.name = name
        self.kubeconfig = kubeconfig
        configuration = try ClientConfiguration.kubeconfig(path: kubeconfig)
        client = TestCluster.makeClient(configuration)
    }

    /// Starts a cluster of its own for tests that break things.
    ///
    /// - Parameters:
    ///   - label: Tells apart the clusters of one process.
    ///   - options: For `Hack/cluster up`.
    package static func start(
        label: String = "", options: [String] = ["--apiserver-only", "--with-controllers"]
    ) async throws -> TestCluster {
        try await ClusterProcesses.removeLeftovers()
        let name = "test-\(ProcessInfo.processInfo.processIdentifier)" + (label.isEmpty ? "" : "-\(label)")
        ClusterProcesses.willStart(name)
        let output = try await ClusterProcesses.run(["up", "--name", name] + options)
        guard let line = output.split(separator: "\n").last(where: { $0.hasPrefix("export KUBECONFIG=") }) else {
            throw ClusterProblem(description: "Hack/cluster up printed no kubeconfig: \(output)")
        }
        return try TestCluster(name: name, kubeconfig: String(line.dropFirst("export KUBECONFIG=".count)))
    }

    /// A cluster that others started and will end. One value for all who name the same kubeconfig.
    package static func existing(kubeconfig: String) throws -> TestCluster {
        try existingClusters.withLock { clusters in
            let cluster = try clusters[kubeconfig] ?? TestCluster(name: nil, kubeconfig: kubeconfig)
            clusters[kubeconfig] = cluster
            return cluster
        }
    }

    private static let existingClusters = Mutex<[String: TestCluster]>([:])

    /// Ends a cluster of its own; the shared one ends with the process.
    package func shutdown() async throws {
        try await client.shutdown()
        guard let name else { return }
        _ = try await ClusterProcesses.run(["down", "--name", name])
        ClusterProcesses.hasEnded(name)
    }

    /// Takes parts of the cluster away: `kube-apiserver`, `etcd`, `kube-controller-manager`.
    ///
    /// - Parameter abruptly: By SIGKILL.
    package func stop(_ processes: String..., abruptly: Bool = false) async throws {
        guard let name else { throw ClusterProblem(description: "not our cluster to stop") }
        _ = try await ClusterProcesses.run(["stop", "--name", name] + (abruptly ? ["--kill"] : []) + processes)
    }

    /// Brings parts of the cluster back, and waits until the API server is ready.
    package func start(_ processes: String...) async throws {
        guard let name else { throw ClusterProblem(description: "not our cluster to start") }
        _ = try await ClusterProcesses.run(["start", "--name", name] + processes)
    }

    /// The process id of a part of the cluster.
    package func processID(of process: String) throws -> pid_t {
        let folder = (kubeconfig as NSString).deletingLastPathComponent
        let text = try String(contentsOfFile: "\(folder)/pids/\(process)", encoding: .utf8)
        guard let id = text.split(separator: " ").first.flatMap({ pid_t($0) }) else {
            throw ClusterProblem(description: "no process id in \(folder)/pids/\(process)")
        }
        return id
    }

    /// A namespace for one test, deleted afterwards.
    package func withNamespace<Value: Sendable>(
        labels: [String: String] = [:], _ body: (String) async throws -> Value
    ) async throws -> Value {
        let name = "test-\(UUID().uuidString.prefix(13).lowercased())"
        let object = UnstructuredObject([
            "apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(name), "labels": JSONValue(labels)],
        ])
        _ = try await client.create(.namespaces, object, fieldManager: "tests")
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(name))
        } catch {
            result = .failure(error)
        }
        _ = try? await client.delete(.namespaces, ObjectKey(name: name))
        return try result.get()
    }

    /// A client with other settings, shut down afterwards.
    package func withClient<Value: Sendable>(
        _ configuration: ClientConfiguration? = nil, limits: ClientLimits = TestCluster.limits,
        _ body: (KubernetesClient) async throws -> Value
    ) async throws -> Value {
        let client = TestCluster.makeClient(configuration ?? self.configuration, limits: limits)
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(client))
        } catch {
            result = .failure(error)
        }
        try await client.shutdown()
        return try result.get()
    }

    /// Fast: tests are not to wait for a rate limit.
    package static let limits = ClientLimits(requestsPerSecond: 5000, burst: 5000, concurrentRequests: 64)

    private static func makeClient(
        _ configuration: ClientConfiguration, limits: ClientLimits = TestCluster.limits
    ) -> KubernetesClient {
        var logger = Logger(label: "tests") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = ProcessInfo.processInfo.environment["APUS_TEST_DEBUG"] == nil ? .error : .trace
        return KubernetesClient(configuration, userAgent: "apus-tests", logger: logger, limits: limits)
    }
}

/// A test cluster could not be started or changed.
package struct ClusterProblem: Error, CustomStringConvertible {
    package var description: String

    package init(description: String) { self.description = description }
}
