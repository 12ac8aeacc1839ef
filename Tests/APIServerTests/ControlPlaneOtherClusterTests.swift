import ControlPlane
import FoundationEssentials
import GRPCCore
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import Observability
import Testing

extension OwnClusterTests {
    /// A second API server: another cluster of the mesh, with tokens and namespaces of its own.
    @Suite struct ControlPlaneOtherClusterTests {
        /// A token of an account of the other cluster, which is made if need be.
        private func token(
            _ client: KubernetesClient, of account: String, in namespace: String, for audience: String?
        ) async throws -> Secret<String> {
            let key = ObjectKey(namespace: namespace, name: account)
            if try await client.find(.serviceAccounts, key) == nil {
                let object = UnstructuredObject([
                    "apiVersion": "v1", "kind": "ServiceAccount",
                    "metadata": ["name": .string(account), "namespace": .string(namespace)],
                ])
                _ = try await client.create(.serviceAccounts, object, fieldManager: "t")
            }
            var spec: JSONValue = ["expirationSeconds": 3600]
            if let audience { spec["audiences"] = [.string(audience)] }
            let request: JSONValue = [
                "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec,
            ]
            let answer = try await client.raw(
                "POST", path: "/api/v1/namespaces/\(namespace)/serviceaccounts/\(account)/token",
                body: request.jsonBytes)
            return Secret(try #require(try JSONValue(parsing: answer.bytes)["status", "token"]?.string))
        }

        /// What lets the control plane into the other cluster.
        private func kubeconfig(_ other: TestCluster, in namespace: String) async throws -> String {
            let own = try await token(other.client, of: "istiod", in: namespace, for: nil)
            let binding = UnstructuredObject([
                "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
                "metadata": ["name": "istiod"],
                "roleRef": [
                    "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin",
                ],
                "subjects": [["kind": "ServiceAccount", "name": "istiod", "namespace": .string(namespace)]],
            ])
            _ = try await other.client.create(.clusterRoleBindings, binding, fieldManager: "t")
            let roots = Data(other.configuration.trustRootsPEM ?? []).base64EncodedString()
            return """
                apiVersion: v1
                kind: Config
                current-context: other
                clusters: [{name: other, cluster: {server: '\(other.configuration.server)', certificate-authority-data: \(roots)}}]
                contexts: [{name: other, context: {cluster: other, user: other}}]
                users: [{name: other, user: {token: '\(own.exposed)'}}]
                """
        }

        private func with(_ body: (TestCluster) async throws -> Void) async throws {
            let other = try await TestCluster.start(label: "other")
            let result: Result<Void, any Error>
            do { result = .success(try await body(other)) } catch { result = .failure(error) }
            try await other.shutdown()
            try result.get()
        }

        @Test func anotherClustersProxiesAreKnownAndHaveTheRoot() async throws {
            try await ControlPlaneSite.with { site in
                try await with { other in
                    let namespace = UnstructuredObject([
                        "apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(site.namespace)],
                    ])
                    _ = try await other.client.create(.namespaces, namespace, fieldManager: "t")
                    let secret = UnstructuredObject([
                        "apiVersion": "v1", "kind": "Secret",
                        "metadata": [
                            "name": "istio-remote-secret-other", "namespace": .string(site.namespace),
                            "labels": ["istio/multiCluster": "true"],
                        ],
                        "data": [
                            "other": .string(
                                Data(try await kubeconfig(other, in: site.namespace).utf8).base64EncodedString())
                        ],
                    ])
                    _ = try await site.cluster.client.create(.secrets, secret, fieldManager: "t")
                    let there = try await token(other.client, of: "reviews", in: site.namespace, for: "istio-ca")
                    let here = try await site.token(of: "reviews", for: "istio-ca")
                    try await site.withReplica("istiod-1") {
                        $0.secureAddress = ListenAddress(host: "127.0.0.1", port: 0)
                        $0.environment["EXTERNAL_ISTIOD"] = "true"
                    } _: { replica in
                        try await replica.waitUntilReady()
                        let root = try #require(try await site.secretValue("istio-ca-secret", "ca-cert.pem"))
                        try await connect(site, replica, root, there, as: "other")
                        try await connect(site, replica, root, here, as: nil)
                        let strangers: [(Secret<String>, String?)] = [(there, nil), (here, "other"), (here, "unknown")]
                        for (token, cluster) in strangers {
                            let error = await #expect(throws: RPCError.self) {
                                try await connect(site, replica, root, token, as: cluster)
                            }
                            #expect(error?.code == .unauthenticated)
                        }
                        try await publishes(site, replica, other, root)
                    }
                }
            }
        }

        private func connect(
            _ site: ControlPlaneSite, _ replica: ControlPlaneReplica, _ root: String, _ token: Secret<String>,
            as cluster: String?
        ) async throws {
            let port = try #require(await replica.controlPlane.securePort)
            let type = try await withTokenProxy(
                port: port, host: "istiod.\(site.namespace).svc", rootPEM: root, token: token, account: "reviews",
                namespace: site.namespace, cluster: cluster)
            #expect(!type.isEmpty)
        }

        /// The root is there once the other cluster says who looks after it, and not before.
        private func publishes(
            _ site: ControlPlaneSite, _ replica: ControlPlaneReplica, _ other: TestCluster, _ root: String
        ) async throws {
            let key = ObjectKey(namespace: "default", name: ControlPlaneSite.configMapName)
            #expect(try await other.client.find(.configMaps, key) == nil)
            _ = try await other.client.patch(
                .namespaces, ObjectKey(name: site.namespace),
                .merge(["metadata": ["annotations": ["topology.istio.io/controlPlaneClusters": "else, Kubernetes"]]]),
                fieldManager: "t")
            try await other.client.wait(.configMaps, key, "the root in the other cluster", within: .seconds(90)) {
                $0?.json["data", "root-cert.pem"]?.string == root
            }
        }
    }
}
