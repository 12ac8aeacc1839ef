import CertificateAuthority
import ControlPlane
import DiscoveryAPI
import FoundationEssentials
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import SwiftASN1
import SwiftProtobuf
import Testing
import X509

/// A certificate that a workload was given.
struct IssuedToCaller: Sendable {
    var privateKey: PrivateKeyPEM
    var chainPEM: [String]
    var leaf: Certificate
    /// Whom it was told to trust.
    var roots: TrustBundle

    func isSigned(by authority: CAMaterial) -> Bool { isSigned(by: authority.certificate) }

    func isSigned(by root: Certificate) -> Bool { root.publicKey.isValidSignature(leaf.signature, for: leaf) }

    /// The URIs that it names.
    var names: [String] {
        let names = try? leaf.extensions.subjectAlternativeNames
        return (names.map { Array($0) } ?? []).map { name in
            if case .uniformResourceIdentifier(let uri) = name { uri } else { "\(name)" }
        }
    }
}

/// A workload that asks a control plane for certificates, with the token of a ServiceAccount.
struct CertificateCaller: Sendable {
    let token: Secret<String>
    private let site: ControlPlaneSite
    private let port: Int

    init(_ site: ControlPlaneSite, _ replica: ControlPlaneReplica) async throws {
        self.site = site
        try await replica.waitUntilReady()
        port = try #require(await replica.controlPlane.securePort)
        token = try await site.token(of: "reviews", for: "istio-ca")
    }

    func certificate(
        trusting authority: CAMaterial, with identity: IssuedToCaller? = nil
    ) async throws -> IssuedToCaller {
        try await certificate(trusting: authority.trustBundle, with: identity)
    }

    /// Asks on a connection of its own.
    ///
    /// - Parameters:
    ///   - roots: Whom the workload trusts.
    ///   - identity: A certificate to show instead of the token.
    ///   - cluster: Where it says that it is; nil: it does not say.
    ///   - metadata: Words for the server.
    func certificate(
        trusting roots: TrustBundle, with identity: IssuedToCaller? = nil, token: Secret<String>? = nil,
        cluster: String? = nil, metadata: [String: String] = [:]
    ) async throws -> IssuedToCaller {
        let roots = Array(roots.pem.utf8)
        let name = metadata["ImpersonatedIdentity"] ?? "spiffe://cluster.local/ns/\(site.namespace)/sa/reviews"
        let request = try CertificateRequest(spiffeID: name)
        let chain = try await withGRPCClient(
            transport: HTTP2ClientTransport.Posix(
                target: .ipv4(address: "127.0.0.1", port: port),
                transportSecurity: .tls {
                    $0.trustRoots = .certificates([.bytes(roots, format: .pem)])
                    if let identity {
                        $0.certificateChain = identity.chainPEM.dropLast().map { .bytes(Array($0.utf8), format: .pem) }
                        $0.privateKey = .bytes(Array(identity.privateKey.revealed.utf8), format: .pem)
                    }
                },
                config: .defaults { $0.http2.authority = "istiod.\(site.namespace).svc" })
        ) { client in
            let stub = Istio_V1_Auth_IstioCertificateService.Client(wrapping: client)
            var options = CallOptions.defaults
            options.waitForReady = false
            options.timeout = .seconds(30)
            let shown = identity == nil ? (token ?? self.token) : nil
            var headers: Metadata = shown.map { ["authorization": "Bearer \($0.exposed)"] } ?? [:]
            if let cluster { headers.addString(cluster, forKey: "clusterid") }
            return try await stub.createCertificate(
                .with {
                    $0.csr = request.pem
                    $0.metadata.fields = metadata.mapValues { .init(stringValue: $0) }
                }, metadata: headers, options: options
            ).certChain
        }
        return IssuedToCaller(
            privateKey: request.privateKey, chainPEM: chain,
            leaf: try Certificate(pemEncoded: #require(chain.first)),
            roots: try TrustBundle(parsing: #require(chain.last)))
    }

    func wait(trusting authority: CAMaterial, until isDone: (IssuedToCaller) -> Bool) async throws {
        try await wait(trusting: authority.trustBundle, until: isDone)
    }

    /// Asks again and again until the answer is as expected; refusals and broken handshakes do not count.
    func wait(trusting roots: TrustBundle, until isDone: (IssuedToCaller) -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            if let issued = try? await certificate(trusting: roots), isDone(issued) { return }
            try #require(ContinuousClock.now < deadline, "no such certificate within 60 s")
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}

extension ControlPlaneSite {
    /// A token that is bound to a Pod on a node, all made for it.
    func token(ofPod name: String, account: String, on node: String) async throws -> Secret<String> {
        _ = try await token(of: account, for: "istio-ca")
        let pod = UnstructuredObject([
            "apiVersion": "v1", "kind": "Pod",
            "metadata": ["name": .string(name), "namespace": .string(namespace)],
            "spec": [
                "nodeName": .string(node), "serviceAccountName": .string(account),
                "automountServiceAccountToken": false,
                "containers": [["name": "a", "image": "a"]],
            ],
        ])
        let made = try await cluster.client.create(.pods, pod, fieldManager: "t")
        let request: JSONValue = [
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
            "spec": [
                "audiences": ["istio-ca"], "expirationSeconds": 3600,
                "boundObjectRef": [
                    "apiVersion": "v1", "kind": "Pod", "name": .string(name), "uid": .string(made.metadata.uid),
                ],
            ],
        ]
        let answer = try await cluster.client.raw(
            "POST", path: "/api/v1/namespaces/\(namespace)/serviceaccounts/\(account)/token", body: request.jsonBytes)
        return Secret(try #require(try JSONValue(parsing: answer.bytes)["status", "token"]?.string))
    }
}
