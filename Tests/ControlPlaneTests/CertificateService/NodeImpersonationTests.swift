import Authentication
import CertificateAuthority
import CertificateService
import ControlPlane
import DiscoveryServer
import GRPCCore
import KubernetesModel
import MeshModel
import Testing

/// Pods as a test says they are.
struct FakePods: PodDirectory {
    struct Unreachable: Error {}

    var pods: [ObjectKey: PlacedPod] = [:]
    var isReachable = true

    func pod(_ key: ObjectKey) throws -> PlacedPod? {
        if !isReachable { throw Unreachable() }
        return pods[key]
    }

    func runs(_ workload: WorkloadIdentity, on node: String) throws -> Bool {
        pods.contains {
            $0.key.namespace == workload.namespace && $0.value.serviceAccount == workload.serviceAccount
                && $0.value.node == node
        }
    }
}

/// The proxy of a node asks for certificates of the Pods that it serves, and of no others.
@Suite struct NodeImpersonationTests {
    private static let key = ObjectKey(namespace: "istio-system", name: "ztunnel-1")
    private static let identity = "spiffe://cluster.local/ns/istio-system/sa/ztunnel"
    private let proxy = WorkloadCaller(names: [identity], pod: BoundPod(key: key, uid: "u1"))
    private let pods = FakePods(pods: [
        key: PlacedPod(uid: "u1", serviceAccount: "ztunnel", node: "one"),
        ObjectKey(namespace: "default", name: "reviews-1"): PlacedPod(
            uid: "u2", serviceAccount: "reviews", node: "one"),
        ObjectKey(namespace: "default", name: "ratings-1"): PlacedPod(
            uid: "u3", serviceAccount: "ratings", node: "two"),
    ])

    private func refusal(
        _ caller: WorkloadCaller, _ account: String, in namespace: String = "default", _ pods: FakePods? = nil,
        trusted: Set<String> = ["istio-system/ztunnel"]
    ) async -> RPCError? {
        let impersonation = NodeImpersonation(trusted: trusted, pods: pods ?? self.pods)
        do throws(RPCError) {
            try await impersonation.check(
                caller, wants: WorkloadIdentity(namespace: namespace, serviceAccount: account))
            return nil
        } catch {
            return error
        }
    }

    @Test func forPodsOfItsOwnNode() async {
        #expect(await refusal(proxy, "reviews") == nil)
        let elsewhere = await refusal(proxy, "ratings")
        #expect(elsewhere?.code == .permissionDenied)
        #expect(elsewhere?.message.contains("runs on node one") ?? false)
        #expect(await refusal(proxy, "nobody")?.code == .permissionDenied)
        #expect(await refusal(proxy, "reviews", in: "other")?.code == .permissionDenied)
    }

    @Test func nobodyElseMay() async {
        let reviews = WorkloadCaller(
            names: ["spiffe://cluster.local/ns/default/sa/reviews"],
            pod: BoundPod(key: ObjectKey(namespace: "default", name: "reviews-1"), uid: "u2"))
        #expect(await refusal(reviews, "ratings")?.message.contains("CA_TRUSTED_NODE_ACCOUNTS") ?? false)
        #expect(await refusal(proxy, "reviews", trusted: ["default/ztunnel"])?.code == .permissionDenied)
    }

    /// A certificate does not tell on which node its holder runs, and neither does a token of no Pod.
    @Test func onlyWithTheTokenOfAPodThatIsThere() async {
        #expect(await refusal(WorkloadCaller(names: [Self.identity]), "reviews")?.code == .permissionDenied)
        for pod in [
            BoundPod(key: Self.key, uid: "another"),
            BoundPod(key: ObjectKey(namespace: "istio-system", name: "gone"), uid: "u1"),
            // A Pod of another account cannot stand for it.
            BoundPod(key: ObjectKey(namespace: "default", name: "reviews-1"), uid: "u2"),
        ] {
            #expect(
                await refusal(WorkloadCaller(names: [Self.identity], pod: pod), "reviews")?.code == .permissionDenied)
        }
        var pending = pods
        pending.pods[Self.key]?.node = ""
        #expect(await refusal(proxy, "reviews", in: "default", pending)?.code == .permissionDenied)
    }

    /// Other clusters have nodes and Pods of the same names.
    @Test func inItsOwnClusterAlone() async {
        var there = FakePods(pods: [Self.key: PlacedPod(uid: "u9", serviceAccount: "ztunnel", node: "one")])
        there.pods[ObjectKey(namespace: "default", name: "details-1")] = PlacedPod(
            uid: "u8", serviceAccount: "details", node: "one")
        let others = there
        let impersonation = NodeImpersonation(trusted: ["istio-system/ztunnel"], pods: pods) { cluster in
            cluster == "other" ? others : nil
        }
        func code(_ account: String, uid: String, cluster: String) async -> RPCError.Code? {
            let caller = WorkloadCaller(
                names: [Self.identity], pod: BoundPod(key: Self.key, uid: uid, cluster: cluster))
            do throws(RPCError) {
                try await impersonation.check(
                    caller, wants: WorkloadIdentity(namespace: "default", serviceAccount: account))
                return nil
            } catch {
                return error.code
            }
        }
        #expect(await code("details", uid: "u9", cluster: "other") == nil)
        #expect(await code("reviews", uid: "u9", cluster: "other") == .permissionDenied)
        #expect(await code("details", uid: "u1", cluster: "other") == .permissionDenied)
        #expect(await code("details", uid: "u1", cluster: "") == .permissionDenied)
        #expect(await code("reviews", uid: "u1", cluster: "") == nil)
        #expect(await code("details", uid: "u9", cluster: "gone") == .unavailable)
    }

    @Test func withoutTheApiServerItComesAgain() async {
        var pods = pods
        pods.isReachable = false
        #expect(await refusal(proxy, "reviews", in: "default", pods)?.code == .unavailable)
    }

    @Test func tokensTellTheirPod() async throws {
        let reviews = FakeReviews(["t": .ztunnel(pod: "ztunnel-1", uid: "u1")])
        let authenticator = WorkloadAuthenticator(
            tokens: reviews, trustDomain: "cluster.local", now: { 0 }, logger: silent)
        let caller = try await authenticator.caller(
            PeerConnection(address: "a"), metadata: ["authorization": "Bearer t"])
        #expect(caller == proxy)
    }

    @Test func tokensOfOtherClustersTellTheirPodThere() async throws {
        let reviews = FakeReviews(["t": .ztunnel(pod: "ztunnel-1", uid: "u1")])
        let authenticator = WorkloadAuthenticator(
            tokens: FakeReviews(), clusterID: "own", otherClusters: { $0 == "other" ? reviews : nil },
            trustDomain: "cluster.local", now: { 0 }, logger: silent)
        let caller = try await authenticator.caller(
            PeerConnection(address: "a"), metadata: ["authorization": "Bearer t", "clusterid": "other"])
        #expect(caller.pod == BoundPod(key: Self.key, uid: "u1", cluster: "other"))
        #expect(caller.names == proxy.names)
    }
}

extension AuthenticatedUser {
    /// The proxy of a node, as a TokenReview tells of a token that is bound to a Pod.
    static func ztunnel(pod: String, uid: String) -> AuthenticatedUser {
        var user = AuthenticatedUser.account("ztunnel", in: "istio-system")
        user.extra = [
            "authentication.kubernetes.io/pod-name": [pod], "authentication.kubernetes.io/pod-uid": [uid],
        ]
        return user
    }
}
