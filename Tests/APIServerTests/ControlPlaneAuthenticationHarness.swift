import DiscoveryAPI
import EnvoyAPI
import FoundationEssentials
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import OperatorControllers
import SwiftProtobuf
import Testing
import XDSServer

extension ControlPlaneSite {
    /// A token of a ServiceAccount of the namespace, which is made if need be.
    func token(of account: String, for audience: String) async throws -> Secret<String> {
        let client = cluster.client
        if try await client.find(.serviceAccounts, key(account)) == nil {
            let object: JSONValue = [
                "apiVersion": "v1", "kind": "ServiceAccount",
                "metadata": ["name": .string(account), "namespace": .string(namespace)],
            ]
            _ = try await client.create(.serviceAccounts, UnstructuredObject(object), fieldManager: "t")
        }
        let request: JSONValue = [
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
            "spec": ["audiences": [.string(audience)], "expirationSeconds": 3600],
        ]
        let answer = try await client.raw(
            "POST", path: "/api/v1/namespaces/\(namespace)/serviceaccounts/\(account)/token", body: request.jsonBytes)
        return Secret(try #require(try JSONValue(parsing: answer.bytes)["status", "token"]?.string))
    }

    /// Lets an account of the namespace see what the operator may see.
    func grantDebugging(_ role: String, to account: String) async throws {
        let version: JSONValue = "rbac.authorization.k8s.io/v1"
        let objects: [(APIResource, JSONValue)] = [
            (
                .clusterRoles,
                [
                    "apiVersion": version, "kind": "ClusterRole", "metadata": ["name": .string(role)],
                    "rules": .array(
                        OperatorAccess.clusterRules.filter { !$0.nonResourceURLs.isEmpty }.map(\.json)),
                ]
            ),
            (
                .clusterRoleBindings,
                [
                    "apiVersion": version, "kind": "ClusterRoleBinding", "metadata": ["name": .string(role)],
                    "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": .string(role)],
                    "subjects": [
                        ["kind": "ServiceAccount", "name": .string(account), "namespace": .string(namespace)]
                    ],
                ]
            ),
        ]
        for (resource, object) in objects {
            _ = try await cluster.client.create(resource, UnstructuredObject(object), fieldManager: "t")
        }
    }
}

/// A proxy of a workload that asks for clusters over a verified connection, with its token.
///
/// - Parameters:
///   - cluster: That it says it is of; nil: it does not say.
///   - body: Runs while the proxy is connected and has its answer.
/// - Returns: The type of the first answer.
@discardableResult
func withTokenProxy(
    port: Int, host: String, rootPEM: String, token: Secret<String>?, account: String, namespace: String,
    cluster: String? = nil, body: @Sendable @escaping () async throws -> Void = {}
) async throws -> String {
    let roots = Array(rootPEM.utf8)
    return try await withGRPCClient(
        transport: HTTP2ClientTransport.Posix(
            target: .ipv4(address: "127.0.0.1", port: port),
            transportSecurity: .tls { $0.trustRoots = .certificates([.bytes(roots, format: .pem)]) },
            config: .defaults { $0.http2.authority = host })
    ) { client in
        let stub = Envoy_Service_Discovery_V3_AggregatedDiscoveryService.Client(wrapping: client)
        var metadata: Metadata = token.map { ["authorization": "Bearer \($0.exposed)"] } ?? [:]
        if let cluster { metadata.addString(cluster, forKey: "clusterid") }
        var options = CallOptions.defaults
        options.waitForReady = false
        let (finished, finish) = AsyncStream.makeStream(of: Void.self)
        defer { finish.finish() }
        return try await stub.streamAggregatedResources(metadata: metadata, options: options) { writer in
            try await writer.write(
                .with {
                    $0.node.id = "sidecar~10.0.0.1~\(account)-1.\(namespace)~\(namespace).svc.cluster.local"
                    $0.node.metadata.fields = [
                        "NAMESPACE": .init(stringValue: namespace), "SERVICE_ACCOUNT": .init(stringValue: account),
                    ]
                    $0.typeURL = TypeURL.cluster.rawValue
                })
            for await _ in finished {}
        } onResponse: { response in
            defer { finish.finish() }
            for try await message in response.messages {
                try await body()
                return message.typeURL
            }
            return ""
        }
    }
}
