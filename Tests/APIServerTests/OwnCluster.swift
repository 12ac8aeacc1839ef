import KubernetesTesting
import Testing

/// Tests that take parts of a cluster away, or that reach into all its namespaces: they share a cluster of their own,
/// one after the other.
@Suite(.realAPIServer, .serialized, .ownCluster("own"), .timeLimit(.minutes(10))) enum OwnClusterTests {
    @TaskLocal static var current: TestCluster?

    /// The cluster of the suite.
    static var cluster: TestCluster { get throws { try #require(current) } }
}

/// Starts a cluster before a suite's first test and ends it after the last.
struct OwnCluster: SuiteTrait, TestScoping {
    var label: String

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let cluster = try await TestCluster.start(label: label)
        let result: Result<Void, any Error>
        do {
            result = .success(try await OwnClusterTests.$current.withValue(cluster) { try await function() })
        } catch {
            result = .failure(error)
        }
        try await cluster.shutdown()
        try result.get()
    }
}

extension Trait where Self == OwnCluster {
    static func ownCluster(_ label: String) -> Self { OwnCluster(label: label) }
}
