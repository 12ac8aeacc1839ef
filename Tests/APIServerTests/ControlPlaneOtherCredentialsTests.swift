import CertificateAuthority
import ControlPlane
import DebugPages
import DiscoveryAPI
import EnvoyAPI
import EnvoyTesting
import FoundationEssentials
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import IstioAPI
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import MeshObservation
import Observability
import SwiftProtobuf
import Testing
import XDSServer

extension OwnClusterTests {
    /// Certificates of gateways that run in another cluster of the mesh.
    @Suite struct ControlPlaneOtherCredentialsTests {
        private static let account = "gateway"

        @Test func gatewaysGetTheSecretsOfTheirOwnCluster() async throws {
            try await ControlPlaneSite.with { site in
                let a = try CAMaterial.pluggedIn("a")
                try await site.plugIn(a.pluggedInData)
                try await OtherCluster.with(site) { other in
                    try await other.letIn(site, ControlPlaneAccess.readerRules(isControlled: false))
                    try await defineGateway(site)
                    let token = try await other.site.token(of: Self.account, for: "istio-ca")
                    for place in [other.site, site] { try await letReadSecrets(place) }
                    let home = try await put(site)
                    let first = try await put(other.site)
                    try await site.withReplica(
                        "istiod-1",
                        configure: { $0.secureAddress = ListenAddress(host: "127.0.0.1", port: 0) }
                    ) { replica in
                        try await replica.waitUntilReady()
                        let port = try #require(await replica.controlPlane.securePort)
                        let gateway = GatewayClient(
                            port: port, host: "istiod.\(site.namespace).svc", rootPEM: a.rootCertificatePEM,
                            token: token, namespace: site.namespace)
                        try await gateway.connect { shown in
                            try await shown.wait(for: "the other cluster's") { $0.last == first }
                            #expect(shown.entries.allSatisfy { $0 == first })
                            let second = try await put(other.site)
                            try await shown.wait(for: "the next of the other cluster's") { $0.last == second }
                            _ = try await other.cluster.client.delete(.secrets, site.key("cert"))
                            try await shown.wait(for: "the control plane's") { $0.last == home }
                            let third = try await put(other.site)
                            try await shown.wait(for: "the other cluster's again") { $0.last == third }
                        }
                        let status = await replica.controlPlane.debugState.remoteClusters()
                        #expect(status.map(\.state) == [.synced] && status.flatMap(\.missingRights) == [])
                        #expect(replica.log.complaints.isEmpty, "\(replica.log.complaints)")
                    }
                    _ = try await site.cluster.client.delete(
                        .customResourceDefinitions,
                        UnstructuredObject(CustomResource.gateway.definition(hasRules: false)).key)
                }
            }
        }

        /// A Gateway at home whose certificate is that of a Secret.
        private func defineGateway(_ site: ControlPlaneSite) async throws {
            let client = site.cluster.client
            let definition = UnstructuredObject(CustomResource.gateway.definition(hasRules: false))
            _ = try await client.apply(.customResourceDefinitions, definition, fieldManager: "kubectl", force: true)
            try await client.wait(.customResourceDefinitions, definition.key, "established") { found in
                (found?.json["status", "conditions"]?.array ?? []).contains {
                    $0["type"] == "Established" && $0["status"] == "True"
                }
            }
            let gateways = APIResource(
                group: "networking.istio.io", version: "v1", kind: "Gateway", plural: "gateways", isNamespaced: true)
            let gateway = UnstructuredObject([
                "apiVersion": "networking.istio.io/v1", "kind": "Gateway",
                "metadata": ["name": "edge", "namespace": .string(site.namespace)],
                "spec": [
                    "selector": ["istio": "edge"],
                    "servers": [
                        [
                            "port": ["number": 443, "name": "https", "protocol": "HTTPS"], "hosts": ["a.test"],
                            "tls": ["mode": "SIMPLE", "credentialName": "cert"],
                        ]
                    ],
                ],
            ])
            _ = try await client.create(gateways, gateway, fieldManager: "t")
        }

        /// Lets the gateway's account read the Secrets of its namespace in a cluster.
        private func letReadSecrets(_ site: ControlPlaneSite) async throws {
            let metadata: JSONValue = ["name": "gateway", "namespace": .string(site.namespace)]
            let version: JSONValue = "rbac.authorization.k8s.io/v1"
            let role = UnstructuredObject([
                "apiVersion": version, "kind": "Role", "metadata": metadata,
                "rules": [["apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list", "watch"]]],
            ])
            let binding = UnstructuredObject([
                "apiVersion": version, "kind": "RoleBinding", "metadata": metadata,
                "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "gateway"],
                "subjects": [
                    ["kind": "ServiceAccount", "name": .string(Self.account), "namespace": .string(site.namespace)]
                ],
            ])
            _ = try await site.cluster.client.create(.roles, role, fieldManager: "t")
            _ = try await site.cluster.client.create(.roleBindings, binding, fieldManager: "t")
        }

        /// Puts a new certificate into the Secret of a cluster.
        private func put(_ site: ControlPlaneSite) async throws -> String {
            let identity = try TestAuthority().server(["a.test"])
            let data = ["tls.crt": identity.certificate, "tls.key": identity.privateKey]
            let secret = UnstructuredObject([
                "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
                "metadata": ["name": "cert", "namespace": .string(site.namespace)],
                "data": .object(data.mapValues { .string(Data($0.utf8).base64EncodedString()) }),
            ])
            _ = try await site.cluster.client.apply(.secrets, secret, fieldManager: "t", force: true)
            return identity.certificate
        }
    }
}

/// A gateway's proxy in another cluster that asks for a certificate.
private struct GatewayClient: Sendable {
    var port: Int
    var host: String
    var rootPEM: String
    var token: Secret<String>
    var namespace: String

    private typealias Request = Envoy_Service_Discovery_V3_DiscoveryRequest

    /// - Parameter body: Runs while it is connected; its journal has the certificates that were shown, in their order.
    func connect(_ body: @escaping @Sendable (Journal<String>) async throws -> Void) async throws {
        let shown = Journal<String>()
        let roots = Array(rootPEM.utf8)
        try await withGRPCClient(
            transport: HTTP2ClientTransport.Posix(
                target: .ipv4(address: "127.0.0.1", port: port),
                transportSecurity: .tls { $0.trustRoots = .certificates([.bytes(roots, format: .pem)]) },
                config: .defaults { $0.http2.authority = host })
        ) { client in
            let stub = Envoy_Service_Discovery_V3_AggregatedDiscoveryService.Client(wrapping: client)
            var metadata: Metadata = ["authorization": "Bearer \(token.exposed)"]
            metadata.addString(OtherCluster.id, forKey: "clusterid")
            let (requests, request) = AsyncStream.makeStream(of: Request.self)
            request.yield(first)
            let options = CallOptions.defaults
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { [metadata] in
                    try await stub.streamAggregatedResources(metadata: metadata, options: options) { writer in
                        for await request in requests { try await writer.write(request) }
                    } onResponse: { response in
                        for try await message in response.messages {
                            for resource in message.resources {
                                let secret = try Envoy_Extensions_TransportSockets_Tls_V3_Secret(unpackingAny: resource)
                                let chain = secret.tlsCertificate.certificateChain.inlineBytes
                                shown.add(String(decoding: chain, as: UTF8.self))
                            }
                            request.yield(
                                .with {
                                    $0.typeURL = message.typeURL
                                    $0.versionInfo = message.versionInfo
                                    $0.responseNonce = message.nonce
                                    $0.resourceNames = first.resourceNames
                                })
                        }
                    }
                }
                group.addTask {
                    defer { request.finish() }
                    try await body(shown)
                }
                try await group.waitForAll()
            }
        }
    }

    private var first: Request {
        .with {
            $0.node.id = "router~10.0.0.1~gateway-1.\(namespace)~\(namespace).svc.cluster.local"
            $0.node.metadata.fields = [
                "NAMESPACE": .init(stringValue: namespace), "SERVICE_ACCOUNT": .init(stringValue: "gateway"),
                "CLUSTER_ID": .init(stringValue: OtherCluster.id),
                "LABELS": .init(structValue: .with { $0.fields = ["istio": .init(stringValue: "edge")] }),
            ]
            $0.typeURL = TypeURL.secret.rawValue
            $0.resourceNames = ["kubernetes://cert"]
        }
    }
}
