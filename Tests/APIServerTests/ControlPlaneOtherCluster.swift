import ControlPlane
import FoundationEssentials
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import Testing

/// A second API server: another cluster of the mesh, with tokens and namespaces of its own.
struct OtherCluster: Sendable {
    static let id = "other"

    var cluster: TestCluster
    /// Of the control plane, which exists here too.
    var namespace: String

    /// Starts one for the time of `body`, which has a namespace of the control plane's name.
    static func with(_ site: ControlPlaneSite, _ body: (OtherCluster) async throws -> Void) async throws {
        let cluster = try await TestCluster.start(label: id)
        let result: Result<Void, any Error>
        do {
            let namespace = UnstructuredObject([
                "apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(site.namespace)],
            ])
            _ = try await cluster.client.create(.namespaces, namespace, fieldManager: "t")
            result = .success(try await body(OtherCluster(cluster: cluster, namespace: site.namespace)))
        } catch {
            result = .failure(error)
        }
        try await cluster.shutdown()
        try result.get()
    }

    /// The other cluster as a place where accounts have tokens.
    var site: ControlPlaneSite {
        ControlPlaneSite(cluster: cluster, namespace: namespace, account: cluster.configuration)
    }

    /// Lets the control plane in with an account that may do what `rules` say.
    func letIn(_ home: ControlPlaneSite, _ rules: [AccessRule]) async throws {
        try await grant(rules)
        let version: JSONValue = "rbac.authorization.k8s.io/v1"
        let binding = UnstructuredObject([
            "apiVersion": version, "kind": "ClusterRoleBinding", "metadata": ["name": "reader"],
            "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "reader"],
            "subjects": [["kind": "ServiceAccount", "name": "reader", "namespace": .string(namespace)]],
        ])
        _ = try await cluster.client.create(.clusterRoleBindings, binding, fieldManager: "t")
        let token = try await token(of: "reader")
        let roots = Data(cluster.configuration.trustRootsPEM ?? []).base64EncodedString()
        let server = "\(cluster.configuration.server)"
        let kubeconfig = """
            apiVersion: v1
            kind: Config
            current-context: other
            clusters: [{name: other, cluster: {server: '\(server)', certificate-authority-data: \(roots)}}]
            contexts: [{name: other, context: {cluster: other, user: other}}]
            users: [{name: other, user: {token: '\(token.exposed)'}}]
            """
        let secret = UnstructuredObject([
            "apiVersion": "v1", "kind": "Secret",
            "metadata": [
                "name": "istio-remote-secret-other", "namespace": .string(namespace),
                "labels": ["istio/multiCluster": "true"],
            ],
            "data": .object([Self.id: .string(Data(kubeconfig.utf8).base64EncodedString())]),
        ])
        _ = try await home.cluster.client.create(.secrets, secret, fieldManager: "t")
    }

    /// The account may do this from now on, and nothing else.
    func grant(_ rules: [AccessRule]) async throws {
        let role = UnstructuredObject([
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": ["name": "reader"],
            "rules": .array(rules.map(\.json)),
        ])
        _ = try await cluster.client.apply(.clusterRoles, role, fieldManager: "t", force: true)
    }

    /// A token for the API server.
    private func token(of account: String) async throws -> Secret<String> {
        _ = try await site.token(of: account, for: "istio-ca")
        let request: JSONValue = [
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": ["expirationSeconds": 3600],
        ]
        let answer = try await cluster.client.raw(
            "POST", path: "/api/v1/namespaces/\(namespace)/serviceaccounts/\(account)/token", body: request.jsonBytes)
        return Secret(try #require(try JSONValue(parsing: answer.bytes)["status", "token"]?.string))
    }

    /// Says which clusters' control planes look after this one.
    func name(_ clusters: String) async throws {
        _ = try await cluster.client.patch(
            .namespaces, ObjectKey(name: namespace),
            .merge(["metadata": ["annotations": ["topology.istio.io/controlPlaneClusters": .string(clusters)]]]),
            fieldManager: "t")
    }

    /// Waits until the mesh's root is published here.
    func waitForRoot(_ holds: @escaping @Sendable (String) -> Bool) async throws {
        let key = ObjectKey(namespace: "default", name: ControlPlaneSite.configMapName)
        try await cluster.client.wait(.configMaps, key, "the root in the other cluster", within: .seconds(120)) {
            holds($0?.json["data", "root-cert.pem"]?.string ?? "")
        }
    }
}
