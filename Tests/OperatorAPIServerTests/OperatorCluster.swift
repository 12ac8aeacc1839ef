import FoundationEssentials
import IstioAPI
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import OperatorControllers
import Synchronization
import Testing

/// The tests of the operator: one after the other on one cluster of their own, so that each may stop what it likes.
@Suite(.realAPIServer, .serialized, .timeLimit(.minutes(10))) enum OperatorTests {}

extension Trait where Self == ConditionTrait {
    /// Runs where a real API server can be had, and says why where not.
    static var realAPIServer: Self {
        .enabled(if: TestCluster.problem == nil, Comment(rawValue: TestCluster.problem ?? ""))
    }
}

/// A cluster with everything that installs the operator but its Deployment: the tests run it.
struct OperatorCluster: Sendable {
    let cluster: TestCluster
    /// Acts as the operator's ServiceAccount, with the generated RBAC and nothing more.
    let operatorConfiguration: ClientConfiguration
    /// The token in it.
    let operatorToken: String

    /// The administrator's client.
    var client: KubernetesClient { cluster.client }

    private static let sharedStart = Mutex<Task<OperatorCluster, any Error>?>(nil)

    /// The cluster of all tests of the operator; started with the first call, ended with the process.
    static var shared: OperatorCluster {
        get async throws {
            let start = sharedStart.withLock { start in
                let task = start ?? Task { try await OperatorCluster(try await TestCluster.start(label: "operator")) }
                start = task
                return task
            }
            return try await start.value
        }
    }

    private init(_ cluster: TestCluster) async throws {
        self.cluster = cluster
        try await OperatorTests.apply([CustomResource.istioOperator.definition], with: cluster.client)
        try await OperatorTests.apply(
            OperatorManifests.workload.filter { $0["kind"] == "Namespace" }, with: cluster.client)
        try await OperatorTests.apply(OperatorManifests.access, with: cluster.client)
        try await cluster.eventually(
            "the definition is established", .customResourceDefinitions,
            ObjectKey(name: "istiooperators.install.istio.io")
        ) { $0?.hasCondition("Established") == true }
        let request: JSONValue = [
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": ["expirationSeconds": 7200],
        ]
        let answer = try await cluster.client.raw(
            "POST",
            path: "/api/v1/namespaces/\(OperatorManifests.namespace)/serviceaccounts/\(OperatorManifests.name)/token",
            body: request.jsonBytes)
        operatorToken = try #require(try JSONValue(parsing: answer.bytes)["status", "token"]?.string)
        var configuration = cluster.configuration
        configuration.clientCertificate = nil
        configuration.credential = .token(Secret(operatorToken))
        operatorConfiguration = configuration
    }
}

extension OperatorTests {
    /// Applies objects as a person would.
    static func apply(_ objects: [JSONValue], with client: KubernetesClient) async throws {
        let api = try await client.discover()
        for json in objects {
            let object = UnstructuredObject(json)
            let resource = try #require(api.resource(for: object.groupVersionKind), "\(object.groupVersionKind)")
            _ = try await client.apply(resource, object, fieldManager: "kubectl", force: true)
        }
    }
}

extension UnstructuredObject {
    /// Whether a condition of its status is true.
    func hasCondition(_ type: String) -> Bool {
        (json["status", "conditions"]?.array ?? []).contains { $0["type"]?.string == type && $0["status"] == "True" }
    }
}
