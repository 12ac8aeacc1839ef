import CertificateAuthority
import ControlPlane
import Crypto
import FoundationEssentials
import GRPCCore
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import Observability
import SwiftASN1
import Testing
import X509

extension OwnClusterTests {
    @Suite struct ControlPlaneSignerTests {}
}

/// A signer of Kubernetes signs for workloads: the tests are the signer, the rest is real.
extension OwnClusterTests.ControlPlaneSignerTests {
    private static let resource = APIResource(
        group: "certificates.k8s.io", version: "v1", kind: "CertificateSigningRequest",
        plural: "certificatesigningrequests", isNamespaced: false)

    @Test func aSignerOfKubernetesSigns() async throws {
        try await ControlPlaneSite.with { site in
            let signing = ControlPlaneAccess.signingRules(signers: ["tests.example.com/*"])
            try await site.withRights("signing", signing) {
                let configure: (inout ControlPlaneConfiguration) -> Void = { configuration in
                    configuration.secureAddress = ListenAddress(host: "127.0.0.1", port: 0)
                    configuration.environment = [
                        "EXTERNAL_CA": "ISTIOD_RA_KUBERNETES_API", "K8S_SIGNER": "tests.example.com/default",
                        "CERT_SIGNER_DOMAIN": "tests.example.com",
                    ]
                }
                try await site.withReplica("a", configure: configure) { replica in
                    let caller = try await CertificateCaller(site, replica)
                    let mesh = try TrustBundle(
                        parsing: #require(try await site.secretValue("istio-ca-secret", "ca-cert.pem")))
                    let signer = try SelfSignedRoot(trustDomain: "signer").material(now: .now)
                    try await withSigner(signer, site.cluster.client) { seen in
                        for (wanted, name) in [(nil, "default"), ("special", "special")] as [(String?, String)] {
                            let issued = try await caller.certificate(
                                trusting: mesh, metadata: wanted.map { ["CertSigner": $0] } ?? [:])
                            #expect(issued.isSigned(by: signer))
                            #expect(issued.names == ["spiffe://cluster.local/ns/\(site.namespace)/sa/reviews"])
                            #expect(issued.roots == mesh.merged(with: signer.trustBundle))
                            #expect(seen.entries.last == "tests.example.com/\(name)")
                        }
                        let error = await #expect(throws: RPCError.self) {
                            _ = try await caller.certificate(trusting: mesh, metadata: ["CertSigner": "denied"])
                        }
                        #expect(error?.code == .unavailable)
                        #expect(error?.message.contains("Failed, NotToday") ?? false, "\(error?.message ?? "")")
                    }
                    let left = try await site.cluster.client.list(Self.resource, reader: .unstructured).items
                    #expect(left.isEmpty)
                }
            }
        }
    }

    /// Signs what is approved, with the key and the names of the request, until `body` ends.
    private func withSigner(
        _ authority: CAMaterial, _ client: KubernetesClient, _ body: (Journal<String>) async throws -> Void
    ) async throws {
        let seen = Journal<String>()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                var done: Set<String> = []
                while !Task.isCancelled {
                    for object in try await client.list(Self.resource, reader: .unstructured).items
                    where !done.contains(object.name) && Self.isApproved(object) {
                        seen.add(object.json["spec", "signerName"]?.string ?? "")
                        done.insert(object.name)
                        try await Self.sign(object, authority, client)
                    }
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            try await body(seen)
            group.cancelAll()
        }
    }

    private static func isApproved(_ object: UnstructuredObject) -> Bool {
        (object.json["status", "conditions"]?.array ?? []).contains { $0["type"] == "Approved" }
    }

    private static func sign(
        _ object: UnstructuredObject, _ authority: CAMaterial, _ client: KubernetesClient
    ) async throws {
        var object = object
        if object.json["spec", "signerName"]?.string?.hasSuffix("/denied") ?? false {
            let denial: JSONValue = ["type": "Failed", "status": "True", "reason": "NotToday", "message": "no"]
            object.json["status", "conditions"] = .array((object.json["status", "conditions"]?.array ?? []) + [denial])
        } else {
            let text = Data(base64Encoded: object.json["spec", "request"]?.string ?? "") ?? Data()
            let request = try CertificateSigningRequest(pemEncoded: String(decoding: text, as: UTF8.self))
            let names = try #require(
                try request.attributes.extensionRequest?.extensions.subjectAlternativeNames
            ).map { name in
                if case .uniformResourceIdentifier(let uri) = name { uri } else { "" }
            }
            let issued = try CertificateIssuer(authority).issue(
                to: names, publicKey: request.publicKey, lifetime: .seconds(3600), now: .now)
            object.json["status", "certificate"] = .string(
                Data(issued.chainPEM.joined().utf8).base64EncodedString())
        }
        _ = try await client.update(resource, object, fieldManager: "t", subresource: "status")
    }
}

extension ControlPlaneSite {
    /// Gives the control plane's account more rights while `body` runs.
    func withRights(_ name: String, _ rules: [AccessRule], _ body: () async throws -> Void) async throws {
        let role = "\(name)-\(namespace)"
        let version: JSONValue = "rbac.authorization.k8s.io/v1"
        let objects: [(APIResource, JSONValue)] = [
            (
                .clusterRoles,
                [
                    "apiVersion": version, "kind": "ClusterRole", "metadata": ["name": .string(role)],
                    "rules": .array(rules.map(\.json)),
                ]
            ),
            (
                .clusterRoleBindings,
                [
                    "apiVersion": version, "kind": "ClusterRoleBinding", "metadata": ["name": .string(role)],
                    "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": .string(role)],
                    "subjects": [["kind": "ServiceAccount", "name": "istiod", "namespace": .string(namespace)]],
                ]
            ),
        ]
        for (resource, object) in objects {
            _ = try await cluster.client.create(resource, UnstructuredObject(object), fieldManager: "t")
        }
        try await cluster.withClient(account) { client in
            try await waitUntilAllowed("create", "certificatesigningrequests", group: "certificates.k8s.io", client)
        }
        let result: Result<Void, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        for resource in [APIResource.clusterRoles, .clusterRoleBindings] {
            _ = try await cluster.client.delete(resource, ObjectKey(name: role))
        }
        try result.get()
    }
}
