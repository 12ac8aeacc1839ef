import Authentication
import CertificateAuthority
import ControlPlane
import DiscoveryServer
import EnvoyTesting
import FoundationEssentials
import GRPCCore
import KubernetesClient
import KubernetesModel
import MeshModel
import SwiftASN1
import Testing
import X509
import XDSServer

/// Who somebody is, and what he may say that he is.
@Suite struct AuthenticationTests {
    private let clock = TestClock(Date.now.timeIntervalSince1970)
    private static let bookinfo = "spiffe://cluster.local/ns/default/sa/bookinfo"

    private func authenticator(_ reviews: FakeReviews) -> WorkloadAuthenticator {
        WorkloadAuthenticator(
            tokens: reviews, trustDomain: "cluster.local", now: { [clock] in clock.seconds }, logger: silent)
    }

    private func peer(_ uris: [String]) throws -> PeerConnection {
        let identity = try TestAuthority().workload(uris)
        return PeerConnection(
            address: "ipv4:10.0.0.1:1", certificate: try Certificate(pemEncoded: identity.certificate))
    }

    private func bearer(_ token: String, scheme: String = "Bearer") -> Metadata {
        ["authorization": "\(scheme) \(token)"]
    }

    private func refusal(
        _ peer: PeerConnection, _ metadata: Metadata = [:], _ reviews: FakeReviews = FakeReviews()
    ) async throws -> RPCError {
        try #require(
            await #expect(throws: RPCError.self) {
                _ = try await authenticator(reviews).authenticate(peer, metadata: metadata)
            })
    }

    /// Tokens of another cluster mean nothing here, and those of this one nothing there.
    @Test func aTokenIsReviewedWhereItWasIssued() async throws {
        let (here, there) = (token("bookinfo"), token("reviews"))
        let own = FakeReviews([here: .account("bookinfo", in: "default")])
        let other = FakeReviews([there: .account("reviews", in: "default")])
        let authenticator = WorkloadAuthenticator(
            tokens: own, clusterID: "one", otherClusters: { $0 == "two" ? other : nil }, trustDomain: "cluster.local",
            now: { [clock] in clock.seconds }, logger: silent)
        func names(_ token: String, _ cluster: String?) async throws -> [String] {
            var metadata = bearer(token)
            if let cluster { metadata.addString(cluster, forKey: "clusterid") }
            return try await authenticator.authenticate(peer(), metadata: metadata).names
        }
        for cluster in [nil, "", "one"] {
            #expect(try await names(here, cluster) == [Self.bookinfo])
            await #expect(throws: RPCError.self) { _ = try await names(there, cluster) }
        }
        #expect(try await names(there, "two") == ["spiffe://cluster.local/ns/default/sa/reviews"])
        await #expect(throws: RPCError.self) { _ = try await names(here, "two") }
        let asked = own.asked + other.asked
        let unknown = try #require(await #expect(throws: RPCError.self) { _ = try await names(here, "three") })
        #expect(unknown.code == .unauthenticated && unknown.message.contains("cluster \"three\""))
        #expect(own.asked + other.asked == asked)
    }

    private func peer() -> PeerConnection { PeerConnection(address: "ipv4:10.0.0.1:1") }

    // MARK: xDS

    @Test func aCertificateIsEnough() async throws {
        let reviews = FakeReviews()
        let identity = try await authenticator(reviews).authenticate(peer([Self.bookinfo]), metadata: bearer("t"))
        #expect(identity.names == [Self.bookinfo])
        #expect(reviews.asked == 0)
    }

    @Test(arguments: ["Bearer", "bearer", "BEARER"]) func aTokenIsEnough(_ scheme: String) async throws {
        let reviews = FakeReviews(["t": .account("bookinfo", in: "default")])
        let identity = try await authenticator(reviews).authenticate(
            PeerConnection(address: "a"), metadata: bearer("t", scheme: scheme))
        #expect(identity.names == [Self.bookinfo])
    }

    @Test func nothingIsNotEnough() async throws {
        let error = try await refusal(PeerConnection(address: "a"))
        #expect(error.code == .unauthenticated)
        #expect(error.message.contains("neither a client certificate nor a token"))
        #expect(error.message.contains("istio-ca"))
    }

    @Test(arguments: [
        ["https://example.com"], ["spiffe://cluster.local/other"], ["spiffe://cluster.local/ns//sa/a"], [],
    ])
    func aCertificateOfNoWorkloadIsNotEnough(_ uris: [String]) async throws {
        let error = try await refusal(peer(uris))
        #expect(error.code == .unauthenticated)
        #expect(error.message.contains("names no workload"))
    }

    /// TLS sessions are taken up again without another look at the certificate.
    @Test func anExpiredCertificateIsNotEnough() async throws {
        let peer = try peer([Self.bookinfo])
        clock.pass(2 * 3600)
        let error = try await refusal(peer)
        #expect(error.message.contains("expired"))
    }

    @Test func aCertificateThatWasTakenBackIsNotEnough() async throws {
        let peer = try peer([Self.bookinfo])
        let authenticator = WorkloadAuthenticator(
            tokens: FakeReviews(), trustDomain: "cluster.local", isRevoked: { $0 == peer.certificate },
            now: { [clock] in clock.seconds }, logger: silent)
        let error = await #expect(throws: RPCError.self) { _ = try await authenticator.caller(peer, metadata: [:]) }
        #expect(error?.message.contains("taken back") ?? false)
    }

    @Test func anUnknownTokenIsNotEnough() async throws {
        let error = try await refusal(PeerConnection(address: "a"), bearer("secret-text"))
        #expect(error.code == .unauthenticated)
        #expect(!error.message.contains("secret-text"))
    }

    @Test func aPersonIsNoWorkload() async throws {
        let reviews = FakeReviews(["t": AuthenticatedUser(name: "kubernetes-admin")])
        #expect(try await refusal(PeerConnection(address: "a"), bearer("t"), reviews).code == .unauthenticated)
    }

    /// A proxy that is turned away for good would be wrong: it comes again.
    @Test func withoutTheApiServerClientsComeAgain() async throws {
        let reviews = FakeReviews()
        reviews.isReachable = false
        #expect(try await refusal(PeerConnection(address: "a"), bearer("t"), reviews).code == .unavailable)
    }

    // MARK: what a TokenReview says

    @Test func theAudienceHasToBeConfirmed() {
        let user: JSONValue = ["username": "system:serviceaccount:default:bookinfo", "groups": ["g"], "uid": "u"]
        let bookinfo = AuthenticatedUser(name: "system:serviceaccount:default:bookinfo", uid: "u", groups: ["g"])
        let confirmed: JSONValue = ["authenticated": true, "user": user, "audiences": ["istio-ca"]]
        #expect(TokenReviewer.verdict(confirmed, audience: "istio-ca") == .authenticated(bookinfo))
        // A server that knows no audiences has checked none.
        let unconfirmed: JSONValue = ["authenticated": true, "user": user]
        #expect(TokenReviewer.verdict(unconfirmed, audience: nil) == .authenticated(bookinfo))
        for (status, audience) in [
            (unconfirmed, "istio-ca"), (confirmed, "other"), (["authenticated": false], "istio-ca"), ([:], "istio-ca"),
            (["authenticated": true, "audiences": ["istio-ca"]], "istio-ca"),
        ] as [(JSONValue, String)] {
            guard case .refused = TokenReviewer.verdict(status, audience: audience) else {
                Issue.record("\(status) is accepted for \(audience)")
                continue
            }
        }
    }

    @Test(arguments: [
        ("system:serviceaccount:default:bookinfo", true), ("system:serviceaccount:default:", false),
        ("system:serviceaccount::bookinfo", false), ("system:serviceaccount:default", false),
        ("system:node:default:bookinfo", false), ("system:serviceaccount:default:bookinfo:x", false),
    ]) func serviceAccountsAreTold(_ name: String, _ isOne: Bool) {
        let account = AuthenticatedUser(name: name).serviceAccount
        #expect(account == (isOne ? WorkloadIdentity(namespace: "default", serviceAccount: "bookinfo") : nil))
    }

    // MARK: what a client may say

    private func client(_ id: String, _ metadata: JSONValue, proven names: [String]) -> DiscoveryClient {
        DiscoveryClient(
            node: NodeIdentity(id: id, metadata: metadata.jsonBytes), identity: PeerIdentity(names: names),
            variant: .delta)
    }

    private static let node = "sidecar~10.0.0.1~reviews-1.default~default.svc.cluster.local"

    @Test(
        arguments: [
            (["NAMESPACE": "default", "SERVICE_ACCOUNT": "bookinfo"], true), (["NAMESPACE": "default"], true),
            ([:], true),
            (["SERVICE_ACCOUNT": "bookinfo"], true), (["NAMESPACE": "other", "SERVICE_ACCOUNT": "bookinfo"], false),
            (["NAMESPACE": "default", "SERVICE_ACCOUNT": "admin"], false), (["NAMESPACE": "istio-system"], false),
        ] as [(JSONValue, Bool)])
    func aProxySpeaksForItsOwnWorkload(_ metadata: JSONValue, _ isItsOwn: Bool) async throws {
        let source = AuthorizedSource(StaticSource(), logger: silent)
        let client = client(Self.node, metadata, proven: ["spiffe://other/x", Self.bookinfo])
        if isItsOwn {
            _ = try await source.subscribe(client)
            #expect(client.verifiedWorkload == WorkloadIdentity(namespace: "default", serviceAccount: "bookinfo"))
        } else {
            let error = await #expect(throws: RPCError.self) { _ = try await source.subscribe(client) }
            #expect(error?.code == .permissionDenied)
            #expect(error?.message.contains(Self.bookinfo) ?? false)
            #expect(client.verifiedWorkload == nil)
        }
    }

    /// The node id counts where the metadata says nothing.
    @Test func aNodeOfAnotherNamespaceIsRefused() async throws {
        let source = AuthorizedSource(StaticSource(), logger: silent)
        let other = client("sidecar~10.0.0.1~a.kube-system~kube-system.svc.cluster.local", [:], proven: [Self.bookinfo])
        await #expect(throws: RPCError.self) { _ = try await source.subscribe(other) }
    }

    /// Where nothing is asked of clients they are served, and are nobody: no secrets for them.
    @Test func onThePlainPortClientsAreNobody() async throws {
        let client = client(Self.node, ["NAMESPACE": "default"], proven: [])
        _ = try await AuthorizedSource(StaticSource(), logger: silent).subscribe(client)
        #expect(client.verifiedWorkload == nil)
    }

    // MARK: the serving certificate

    @Test func theNamesAreThoseOfTheServices() {
        #expect(
            ServingCertificate.names(namespace: "mesh", revision: "default")
                == ["istiod.mesh.svc", "istiod-remote.mesh.svc", "istio-pilot.mesh.svc", "localhost"])
        #expect(
            ServingCertificate.names(namespace: "mesh", revision: "1-29", others: ["localhost", "istiod.example.com"])
                == [
                    "istiod.mesh.svc", "istiod-remote.mesh.svc", "istio-pilot.mesh.svc", "istiod-1-29.mesh.svc",
                    "localhost", "istiod.example.com",
                ])
    }

    @Test func itIsReplacedAtHalfOfItsLife() throws {
        let root = try SelfSignedRoot().material(now: clock.date)
        let serving = try ServingCertificate(
            root: root, names: ["istiod.mesh.svc"], now: { [clock] in clock.date }, logger: silent)
        let (first, context) = (serving.certificate, serving.discovery.context)
        clock.pass(11.9 * 3600)
        serving.renewIfDue()
        #expect(serving.certificate == first)
        #expect(serving.discovery.context === context)
        clock.pass(0.2 * 3600)
        serving.renewIfDue()
        let second = serving.certificate
        #expect(second.certificate.serialNumber != first.certificate.serialNumber)
        #expect(second.certificate.notValidAfter.timeIntervalSince(clock.date) > 23.9 * 3600)
        #expect(serving.discovery.context !== context)
    }

    @Test func anotherRootIsUsedAtOnce() throws {
        let now = clock.date
        let root = try SelfSignedRoot().material(now: now)
        let other = try SelfSignedRoot(trustDomain: "other").material(now: now)
        let serving = try ServingCertificate(root: root, names: ["istiod.mesh.svc"], now: { now }, logger: silent)
        serving.use(other)
        #expect(serving.certificate.certificate.issuer == other.certificate.subject)
    }
}
