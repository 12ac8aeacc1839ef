import CertificateAuthority
import ControlPlane
import EnvoyTesting
import FoundationEssentials
import GRPCCore
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import Logging
import Observability
import Testing
import X509

extension OwnClusterTests {
    @Suite struct ControlPlaneAuthorityTests {}
}

/// The certificate authority of a whole control plane on a real API server.
extension OwnClusterTests.ControlPlaneAuthorityTests {
    /// Of an authority that nobody asks about.
    private static let crl = """
        -----BEGIN X509 CRL-----
        MIGUMDwwCgYIKoZIzj0EAwIwEDEOMAwGA1UECgwFdGVzdHMXDTI2MTEyMTIyNTA1
        N1oXDTM2MTExODIyNTA1N1owCgYIKoZIzj0EAwIDSAAwRQIhAMDgodCq5y8MRfPA
        yTJ2DWC1PK8+beJ881p6wD9mwlqkAiBO4TuaLtesPetQ1WH57LeS9zzL52q19cUz
        7wttXpKiIA==
        -----END X509 CRL-----

        """

    /// From one plugged-in root to another, as people are told to do it: no restart, nobody without trust.
    @Test func pluggedInRootsAreReplacedWithoutARestart() async throws {
        let (a, b) = (try CAMaterial.pluggedIn("a"), try CAMaterial.pluggedIn("b"))
        try await ControlPlaneSite.with { site in
            try await site.plugIn(a.pluggedInData)
            try await site.withReplica("a", configure: serving) { replica in
                let caller = try await CertificateCaller(site, replica)
                let first = try await caller.certificate(trusting: a)
                #expect(first.isSigned(by: a))

                // What cannot be used changes nothing.
                var broken = a.pluggedInData
                broken["ca-key.pem"] = b.pluggedInData["ca-key.pem"]
                try await site.plugIn(broken)
                try await replica.log.wait(for: "the complaint") {
                    $0.contains { $0.text.hasPrefix("Cannot use a changed mesh root") }
                }
                #expect(try await caller.certificate(trusting: a).isSigned(by: a))

                var both = a.trusting(b.trustBundle).pluggedInData
                both["ca-crl.pem"] = Array(Self.crl.utf8)
                try await site.plugIn(both)
                try await site.waitForRoot(a.trusting(b.trustBundle).rootCertificatePEM, in: site.namespace)
                let list = site.key("istio-ca-crl")
                try await site.cluster.client.wait(.configMaps, list, "the list") {
                    $0?.json["data", "ca-crl.pem"]?.string == Self.crl
                }
                let told = try await caller.certificate(trusting: a)
                #expect(told.isSigned(by: a))
                #expect(told.roots == a.trustBundle.merged(with: b.trustBundle))

                try await site.plugIn(b.trusting(a.trustBundle).pluggedInData)
                try await caller.wait(trusting: b.trusting(a.trustBundle)) { $0.isSigned(by: b) }
                // Without the key in the Secret the list is empty.
                try await site.cluster.client.wait(.configMaps, list, "no list") {
                    $0.map { $0.json["data", "ca-crl.pem"] == nil } ?? false
                }
                // A certificate of before is still one.
                _ = try await caller.certificate(trusting: b, with: first)

                try await site.plugIn(b.pluggedInData)
                try await site.waitForRoot(b.rootCertificatePEM, in: site.namespace)
                try await caller.wait(trusting: b) { $0.roots == b.trustBundle }
                await #expect(throws: RPCError.self) { _ = try await caller.certificate(trusting: b, with: first) }
                let unexpected = replica.log.complaints.filter { !"\($0)".contains("Cannot use a changed mesh root") }
                #expect(unexpected.isEmpty, "\(unexpected)")
            }
        }
    }

    /// A root of a few seconds: the next one is trusted before it signs, and the old one goes when it has ended.
    @Test func aSelfSignedRootIsReplacedBeforeItEnds() async throws {
        try await ControlPlaneSite.with { site in
            let short: (inout ControlPlaneConfiguration) -> Void = { configuration in
                serving(&configuration)
                // Life counts from two minutes before it began: 5 % of it are seven seconds.
                configuration.environment = [
                    "CITADEL_SELF_SIGNED_CA_CERT_TTL": "14s", "CITADEL_SELF_SIGNED_ROOT_CERT_CHECK_INTERVAL": "1s",
                    "CITADEL_SELF_SIGNED_ROOT_CERT_GRACE_PERIOD_PERCENTILE": "5",
                ]
            }
            try await site.withReplica("a", configure: short) { replica in
                let caller = try await CertificateCaller(site, replica)
                let root = try TrustBundle(
                    parsing: #require(try await site.secretValue("istio-ca-secret", "ca-cert.pem")))
                var bundles: [TrustBundle] = [root]
                // Whoever trusts what was told last is never refused, until the third root signs.
                while bundles.last?.certificates.contains(where: { root.certificates.contains($0) }) ?? false {
                    let issued = try await caller.certificate(trusting: bundles.last ?? root)
                    #expect(bundles.last?.certificates.contains { issued.isSigned(by: $0) } ?? false)
                    if issued.roots != bundles.last { bundles.append(issued.roots) }
                    try #require(bundles.count < 8)
                    try await Task.sleep(for: .milliseconds(200))
                }
                #expect(bundles.contains { $0.certificates.count == 2 })
                let published = try #require(bundles.last)
                try await site.cluster.client.wait(
                    .configMaps, site.key(ControlPlaneSite.configMapName), "a later root"
                ) { configMap in
                    let text = configMap?.json["data", "root-cert.pem"]?.string ?? ""
                    let bundle = try? TrustBundle(parsing: text)
                    return bundle?.certificates.contains { published.certificates.contains($0) } ?? false
                }
            }
        }
    }

    /// A root that has ended while nobody looked is replaced at once.
    @Test func anExpiredRootIsReplacedAtTheStart() async throws {
        try await ControlPlaneSite.with { site in
            let old = try SelfSignedRoot(lifetime: .seconds(60)).material(now: Date(timeIntervalSinceNow: -3600))
            let secret = UnstructuredObject([
                "apiVersion": "v1", "kind": "Secret", "type": "istio.io/ca-root",
                "metadata": ["name": "istio-ca-secret", "namespace": .string(site.namespace)],
                "data": .object(old.secretData.mapValues { .string(Data($0).base64EncodedString()) }),
            ])
            _ = try await site.cluster.client.create(.secrets, secret, fieldManager: "t")
            try await site.withReplica("a", configure: serving) { replica in
                try await replica.waitUntilReady()
                try await site.cluster.client.wait(
                    .configMaps, site.key(ControlPlaneSite.configMapName), "a new root"
                ) { configMap in
                    let bundle = try? TrustBundle(parsing: configMap?.json["data", "root-cert.pem"]?.string ?? "")
                    return bundle?.certificates.contains { $0.notValidAfter > .now } ?? false
                }
                let text = try #require(try await site.secretValue("istio-ca-secret", "ca-cert.pem"))
                let root = try TrustBundle(parsing: text)
                let caller = try await CertificateCaller(site, replica)
                try await caller.wait(trusting: root) { $0.isSigned(by: root.certificates[0]) }
            }
        }
    }

    /// Tokens of an issuer that the API server does not know prove who a workload is, where a rule says so.
    @Test func tokensOfAnotherIssuerCountByARule() async throws {
        let (issuer, stranger) = (TestTokenIssuer(), TestTokenIssuer())
        let rule: JSONValue = [
            "issuer": "https://accounts.example.com", "jwks": .string(issuer.keySet), "audiences": ["mesh"],
        ]
        try await ControlPlaneSite.with { site in
            let ruled: (inout ControlPlaneConfiguration) -> Void = { configuration in
                serving(&configuration)
                configuration.environment = ["JWT_RULE": rule.jsonText]
            }
            try await site.withReplica("a", configure: ruled) { replica in
                let caller = try await CertificateCaller(site, replica)
                let root = try TrustBundle(
                    parsing: #require(try await site.secretValue("istio-ca-secret", "ca-cert.pem")))
                let claims: JSONValue = [
                    "iss": "https://accounts.example.com", "aud": "mesh", "exp": 4_000_000_000,
                    "sub": .string("system:serviceaccount:\(site.namespace):ratings"),
                ]
                let issued = try await caller.certificate(
                    trusting: root, token: Secret(try issuer.token(claims.jsonText)))
                #expect(issued.names == ["spiffe://cluster.local/ns/\(site.namespace)/sa/ratings"])
                let error = await #expect(throws: RPCError.self) {
                    _ = try await caller.certificate(
                        trusting: root, token: Secret(try stranger.token(claims.jsonText)))
                }
                #expect(error?.code == .unauthenticated)
                // The cluster's own tokens go on counting.
                let own = try await caller.certificate(trusting: root)
                #expect(own.names == ["spiffe://cluster.local/ns/\(site.namespace)/sa/reviews"])
            }
        }
    }

    /// A node's proxy has certificates of the Pods on its node, with tokens and Pods as they really are.
    @Test func nodeProxiesSpeakForTheirPods() async throws {
        try await ControlPlaneSite.with { site in
            let proxy: (inout ControlPlaneConfiguration) -> Void = { configuration in
                serving(&configuration)
                configuration.environment = ["CA_TRUSTED_NODE_ACCOUNTS": "\(site.namespace)/ztunnel"]
            }
            try await site.withReplica("a", configure: proxy) { replica in
                let caller = try await CertificateCaller(site, replica)
                let token = try await site.token(ofPod: "ztunnel-1", account: "ztunnel", on: "one")
                _ = try await site.token(ofPod: "reviews-1", account: "reviews", on: "one")
                _ = try await site.token(ofPod: "ratings-1", account: "ratings", on: "two")
                let root = try TrustBundle(
                    parsing: #require(try await site.secretValue("istio-ca-secret", "ca-cert.pem")))
                func ask(_ account: String, _ token: Secret<String>) async throws -> IssuedToCaller {
                    let name = "spiffe://cluster.local/ns/\(site.namespace)/sa/\(account)"
                    return try await caller.certificate(
                        trusting: root, token: token, metadata: ["ImpersonatedIdentity": name])
                }
                let issued = try await ask("reviews", token)
                #expect(issued.names == ["spiffe://cluster.local/ns/\(site.namespace)/sa/reviews"])
                for (account, token) in [("ratings", token), ("reviews", caller.token)] {
                    let error = await #expect(throws: RPCError.self) { _ = try await ask(account, token) }
                    #expect(error?.code == .permissionDenied, "\(account): \(error?.message ?? "")")
                }
                #expect(replica.log.complaints.isEmpty, "\(replica.log.complaints)")
            }
        }
    }
}

private func serving(_ configuration: inout ControlPlaneConfiguration) {
    configuration.secureAddress = ListenAddress(host: "127.0.0.1", port: 0)
}
