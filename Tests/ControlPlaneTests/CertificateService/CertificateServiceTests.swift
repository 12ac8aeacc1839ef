import Authentication
import CertificateAuthority
import CertificateService
import ControlPlane
import Crypto
import FoundationEssentials
import GRPCCore
import KubernetesModel
import SwiftASN1
import Testing
import X509

/// `istio.v1.auth.IstioCertificateService` over real TLS and gRPC.
@Suite struct CertificateServiceTests {
    private let reviews = FakeReviews([
        "t": .account("reviews", in: "default"), "person": AuthenticatedUser(name: "kubernetes-admin"),
    ])

    private func request(_ id: String = CertificateSite.reviews) throws -> CertificateRequest {
        try CertificateRequest(spiffeID: id)
    }

    @Test func aTokenIsEnoughForACertificate() async throws {
        try await CertificateSite.with(reviews: reviews) { site in
            let request = try request()
            let chain = try await site.certificate(csr: request.pem, token: "t", seconds: 3600)
            let material = site.authority.material
            #expect(chain.count == 2)
            #expect(chain.last == material.rootCertificatePEM)
            let leaf = try Certificate(pemEncoded: #require(chain.first))
            #expect(leaf.publicKey == request.privateKey.key.publicKey)
            #expect(
                try leaf.extensions.subjectAlternativeNames?.first
                    == .uniformResourceIdentifier(CertificateSite.reviews))
            #expect(material.certificate.publicKey.isValidSignature(leaf.signature, for: leaf))
            #expect(leaf.notValidAfter.timeIntervalSince(leaf.notValidBefore) == 3720)
            #expect(site.count("citadel_server_csr_count") == 1)
            #expect(site.count("citadel_server_success_cert_issuance_count") == 1)
        }
    }

    /// The names of the request are those of somebody else.
    @Test func namesComeFromTheCallerAlone() async throws {
        try await CertificateSite.with(reviews: reviews) { site in
            let request = try request("spiffe://cluster.local/ns/istio-system/sa/istiod")
            let chain = try await site.certificate(csr: request.pem, token: "t")
            let leaf = try Certificate(pemEncoded: #require(chain.first))
            let names = try #require(try leaf.extensions.subjectAlternativeNames)
            #expect(Array(names) == [.uniformResourceIdentifier(CertificateSite.reviews)])
            #expect(leaf.subject == DistinguishedName())
        }
    }

    /// The first certificate by token, the next by the first: as agents without tokens do.
    @Test func aCertificateIsEnoughForTheNext() async throws {
        try await CertificateSite.with(reviews: reviews) { site in
            let first = try request()
            let chain = try await site.certificate(csr: first.pem, token: "t")
            let asked = reviews.asked
            let second = try request()
            let next = try await site.certificate(
                csr: second.pem, identity: (chain: chain[0], key: first.privateKey.revealed))
            let leaf = try Certificate(pemEncoded: #require(next.first))
            #expect(
                try leaf.extensions.subjectAlternativeNames?.first
                    == .uniformResourceIdentifier(CertificateSite.reviews))
            #expect(leaf.publicKey == second.privateKey.key.publicKey)
            #expect(reviews.asked == asked)
        }
    }

    private func refusal(
        _ site: CertificateSite, csr: String, token: String? = "t", seconds: Int64 = 0
    ) async throws -> RPCError {
        try #require(
            await #expect(throws: RPCError.self) {
                _ = try await site.certificate(csr: csr, token: token, seconds: seconds)
            })
    }

    @Test func badRequestsAreToldWhatIsWrong() async throws {
        try await CertificateSite.with(reviews: reviews) { site in
            let good = try request().pem
            for (csr, token, seconds, code, words) in [
                (good, nil, 0, .unauthenticated, "neither a client certificate nor a token"),
                (good, "person", 0, .unauthenticated, "not a ServiceAccount's"),
                (good, "unknown", 0, .unauthenticated, "nobody knows it"),
                ("", "t", 0, .invalidArgument, "csr holds no PEM block"),
                (good + good, "t", 0, .invalidArgument, "2 PEM blocks"),
                (site.authority.material.certificatePEM, "t", 0, .invalidArgument, "CERTIFICATE REQUEST belongs"),
                (good, "t", 91 * 86_400, .invalidArgument, "7776000 s"),
            ] as [(String, String?, Int64, RPCError.Code, String)] {
                let error = try await refusal(site, csr: csr, token: token, seconds: seconds)
                #expect(error.code == code)
                #expect(error.message.contains(words), "\(error.message)")
            }
            #expect(site.count("citadel_server_authentication_failure_count") == 3)
            #expect(site.count("citadel_server_csr_parsing_err_count") == 3)
            #expect(site.count("citadel_server_success_cert_issuance_count") ?? 0 == 0)
        }
    }

    @Test func withoutTheApiServerCallersComeAgain() async throws {
        reviews.isReachable = false
        try await CertificateSite.with(reviews: reviews) { site in
            let error = try await refusal(site, csr: request().pem)
            #expect(error.code == .unavailable)
        }
    }

    @Test func beyondTheLimitCallersComeAgain() async throws {
        try await CertificateSite.with(reviews: reviews, concurrency: 0) { site in
            let error = try await refusal(site, csr: request().pem)
            #expect(error.code == .resourceExhausted)
        }
    }

    /// A bundle may hold the root of another mesh: whoever that vouches for is none of ours.
    @Test func workloadsOfOtherMeshesGetNothing() async throws {
        let foreign = try SelfSignedRoot(trustDomain: "foreign").material(now: .now)
        let own = try SelfSignedRoot().material(now: .now)
        let both = own.trusting(foreign.trustBundle)
        try await CertificateSite.with(both, reviews: reviews) { site in
            let key = try request("spiffe://foreign/ns/default/sa/reviews")
            let issued = try CertificateIssuer(foreign).issue(
                to: ["spiffe://foreign/ns/default/sa/reviews"], publicKey: key.privateKey.key.publicKey,
                lifetime: .seconds(60), now: .now)
            let error = await #expect(throws: RPCError.self) {
                _ = try await site.certificate(
                    csr: request().pem, identity: (issued.chainPEM[0], key.privateKey.revealed))
            }
            #expect(error?.code == .permissionDenied)
            #expect(error?.message.contains("foreign") ?? false)
        }
    }

    /// Old and new root overlap: certificates under either are taken, on connections made after the change.
    @Test func rootsAreReplacedWithoutARestart() async throws {
        let (a, b) = (try SelfSignedRoot().material(now: .now), try SelfSignedRoot().material(now: .now))
        try await CertificateSite.with(a, reviews: reviews) { site in
            let old = try request()
            let underA = try await site.certificate(csr: old.pem, token: "t")
            site.authority.use(a.trusting(b.trustBundle))
            let both = try #require(
                try await site.certificate(csr: request().pem, token: "t", roots: a.rootCertificatePEM).last)
            let told = try TrustBundle(parsing: both)
            #expect(told == a.trustBundle.merged(with: b.trustBundle))

            site.authority.use(b.trusting(a.trustBundle))
            let new = try request()
            let underB = try await site.certificate(
                csr: new.pem, roots: both, identity: (underA[0], old.privateKey.revealed))
            let leaf = try Certificate(pemEncoded: underB[0])
            #expect(b.certificate.publicKey.isValidSignature(leaf.signature, for: leaf))

            site.authority.use(b)
            _ = try await site.certificate(
                csr: request().pem, roots: b.rootCertificatePEM, identity: (underB[0], new.privateKey.revealed))
            await #expect(throws: RPCError.self) {
                _ = try await site.certificate(
                    csr: request().pem, roots: b.rootCertificatePEM, identity: (underA[0], old.privateKey.revealed))
            }
        }
    }

    @Test func onlyWhoMaySpeaksForOthers() async throws {
        let reviews = FakeReviews([
            "t": .account("reviews", in: "default"), "node": .ztunnel(pod: "ztunnel-1", uid: "u1"),
        ])
        let pods = FakePods(pods: [
            ObjectKey(namespace: "istio-system", name: "ztunnel-1"):
                PlacedPod(uid: "u1", serviceAccount: "ztunnel", node: "one"),
            ObjectKey(namespace: "default", name: "a"): PlacedPod(uid: "u2", serviceAccount: "ratings", node: "one"),
        ])
        let impersonation = NodeImpersonation(trusted: ["istio-system/ztunnel"], pods: pods)
        try await CertificateSite.with(reviews: reviews, impersonation: impersonation) { site in
            func ask(_ token: String, _ wanted: String) async throws -> [GeneralName] {
                let chain = try await site.certificate(
                    csr: request().pem, token: token, words: ["ImpersonatedIdentity": wanted])
                let leaf = try Certificate(pemEncoded: #require(chain.first))
                return Array(try #require(try leaf.extensions.subjectAlternativeNames))
            }
            let ratings = "spiffe://cluster.local/ns/default/sa/ratings"
            let names = try await ask("node", ratings)
            #expect(names == [.uniformResourceIdentifier(ratings)])
            for (token, wanted, code) in [
                ("t", ratings, .permissionDenied), ("node", CertificateSite.reviews, .permissionDenied),
                ("node", "spiffe://foreign/ns/default/sa/ratings", .permissionDenied),
                ("node", "ratings", .invalidArgument),
            ] as [(String, String, RPCError.Code)] {
                let error = await #expect(throws: RPCError.self) { _ = try await ask(token, wanted) }
                #expect(error?.code == code, "\(wanted): \(error?.message ?? "")")
            }
            #expect(site.count("citadel_server_id_extraction_err_count") == 4)
        }
    }
}
