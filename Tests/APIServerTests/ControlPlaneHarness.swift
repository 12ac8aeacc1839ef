import CertificateAuthority
import CertificateService
import ControlPlane
import ControllerRuntime
import FoundationEssentials
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import Logging
import ServiceLifecycle
import Testing

/// A namespace for control planes, and an account with exactly the rights that they say they need.
struct ControlPlaneSite: Sendable {
    var cluster: TestCluster
    var namespace: String
    /// A client of the control plane's own account.
    var account: ClientConfiguration

    static let configMapName = "istio-ca-root-cert"

    /// Makes one in the suite's own cluster for the time of `body`.
    static func with(_ body: (ControlPlaneSite) async throws -> Void) async throws {
        let cluster = try OwnClusterTests.cluster
        try await cluster.withNamespace { namespace in
            let result: Result<Void, any Error>
            do {
                let account = try await makeAccount(in: namespace, cluster)
                result = .success(
                    try await body(ControlPlaneSite(cluster: cluster, namespace: namespace, account: account)))
            } catch {
                result = .failure(error)
            }
            for resource in [APIResource.clusterRoles, .clusterRoleBindings] {
                _ = try await cluster.client.delete(resource, ObjectKey(name: "istiod-\(namespace)"))
            }
            // The next test's control plane has another root.
            let left = ListScope(fieldSelector: "metadata.name=\(configMapName)")
            for object in try await cluster.client.list(.configMaps, reader: .unstructured, in: left).items {
                _ = try await cluster.client.delete(.configMaps, object.key)
            }
            try result.get()
        }
    }

    private static func makeAccount(in namespace: String, _ cluster: TestCluster) async throws -> ClientConfiguration {
        let client = cluster.client
        let clusterWide = "istiod-\(namespace)"
        let subjects: JSONValue = [["kind": "ServiceAccount", "name": "istiod", "namespace": .string(namespace)]]
        let version: JSONValue = "rbac.authorization.k8s.io/v1"
        let objects: [(APIResource, JSONValue)] = [
            (
                .serviceAccounts,
                [
                    "apiVersion": "v1", "kind": "ServiceAccount",
                    "metadata": ["name": "istiod", "namespace": .string(namespace)],
                ]
            ),
            (
                .clusterRoles,
                [
                    "apiVersion": version, "kind": "ClusterRole", "metadata": ["name": .string(clusterWide)],
                    "rules": .array(ControlPlaneAccess.clusterRules.map(\.json)),
                ]
            ),
            (
                .clusterRoleBindings,
                [
                    "apiVersion": version, "kind": "ClusterRoleBinding", "metadata": ["name": .string(clusterWide)],
                    "roleRef": [
                        "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": .string(clusterWide),
                    ],
                    "subjects": subjects,
                ]
            ),
            (
                .roles,
                [
                    "apiVersion": version, "kind": "Role",
                    "metadata": ["name": "istiod", "namespace": .string(namespace)],
                    "rules": .array(ControlPlaneAccess.namespaceRules.map(\.json)),
                ]
            ),
            (
                .roleBindings,
                [
                    "apiVersion": version, "kind": "RoleBinding",
                    "metadata": ["name": "istiod", "namespace": .string(namespace)],
                    "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "istiod"],
                    "subjects": subjects,
                ]
            ),
        ]
        for (resource, object) in objects {
            _ = try await client.create(resource, UnstructuredObject(object), fieldManager: "t")
        }
        let request: JSONValue = [
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": ["expirationSeconds": 3600],
        ]
        let answer = try await client.raw(
            "POST", path: "/api/v1/namespaces/\(namespace)/serviceaccounts/istiod/token", body: request.jsonBytes)
        let token = try #require(try JSONValue(parsing: answer.bytes)["status", "token"]?.string)
        var account = cluster.configuration
        account.clientCertificate = nil
        account.credential = .token(Secret(token))
        try await cluster.withClient(account) { client in
            try await waitUntilAllowed("watch", "configmaps", client)
            try await waitUntilAllowed("create", "leases", group: "coordination.k8s.io", in: namespace, client)
        }
        return account
    }

    /// Runs one replica while `body` runs, then ends it gracefully.
    ///
    /// - Parameter configure: What differs from a replica that serves no xDS.
    func withReplica(
        _ identity: String, configure: (inout ControlPlaneConfiguration) -> Void = { _ in },
        _ body: (ControlPlaneReplica) async throws -> Void
    ) async throws {
        try await cluster.withClient(account) { client in
            let log = Journal<LogEntry>()
            var configuration = ControlPlaneConfiguration(namespace: namespace, identity: identity)
            configuration.leaseTiming = Election.short
            configure(&configuration)
            let controlPlane = ControlPlane(configuration, client: client, now: { Date.now }, logger: log.logger)
            try await withServices([controlPlane]) { group in
                try await body(ControlPlaneReplica(controlPlane: controlPlane, log: log, group: group))
            }
        }
    }

    func key(_ name: String) -> ObjectKey { ObjectKey(namespace: namespace, name: name) }

    var lease: ObjectKey { key(RootPublishing.publisherLease) }

    /// Who publishes now; nil if nobody does.
    var publisher: String? {
        get async throws {
            let holder = try await cluster.client.find(.leases, lease)?.json["spec", "holderIdentity"]?.string
            return holder == "" ? nil : holder
        }
    }

    /// Waits until a namespace has the root, marked as the control plane's.
    func waitForRoot(
        _ root: String, in namespace: String, within limit: Duration = .seconds(60)
    ) async throws {
        let key = ObjectKey(namespace: namespace, name: ControlPlaneSite.configMapName)
        try await cluster.client.wait(.configMaps, key, "the mesh's root", within: limit) { configMap in
            configMap?.json["data", "root-cert.pem"]?.string == root && configMap?.labels["istio.io/config"] == "true"
        }
    }

    /// A value of a Secret in the control plane's namespace.
    func secretValue(_ name: String, _ field: String) async throws -> String? {
        let secret = try await cluster.client.find(.secrets, key(name))
        return secret?.json["data", field]?.string.flatMap { Data(base64Encoded: $0) }
            .map { String(decoding: $0, as: UTF8.self) }
    }

    /// Plugs in a certificate authority.
    func plugIn(_ data: [String: [UInt8]]) async throws {
        let secret = UnstructuredObject([
            "apiVersion": "v1", "kind": "Secret",
            "metadata": ["name": "cacerts", "namespace": .string(namespace)],
            "data": .object(data.mapValues { .string(Data($0).base64EncodedString()) }),
        ])
        _ = try await cluster.client.apply(.secrets, secret, fieldManager: "t", force: true)
    }
}

/// One running control plane.
struct ControlPlaneReplica: Sendable {
    var controlPlane: ControlPlane
    var log: Journal<LogEntry>
    var group: ServiceGroup

    func waitUntilReady() async throws {
        try await log.wait(for: "ready") { $0.contains { $0.text == "Ready" } }
        #expect(controlPlane.isReady)
    }
}

extension CAMaterial {
    /// A root as people plug one in: all four values given.
    static func pluggedIn(_ name: String) throws -> CAMaterial {
        try SelfSignedRoot(trustDomain: name).material(now: .now)
    }

    var pluggedInData: [String: [UInt8]] {
        var data = secretData.filter { !$0.value.isEmpty }
        data["root-cert.pem"] = Array(rootCertificatePEM.utf8)
        data["cert-chain.pem"] = Array(certificatePEM.utf8)
        return data
    }
}
