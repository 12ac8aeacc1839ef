import CertificateAuthority
import CertificateService
import ControlPlane
import DebugPages
import GRPCCore
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import Logging
import MeshDiscovery
import MeshModel
import MeshObservation
import Observability
import Testing

extension OwnClusterTests {
    /// What is asked and done in another cluster of the mesh, with no more rights there than are said to be needed.
    @Suite struct ControlPlaneOtherClusterTests {
        private func serve(_ configuration: inout ControlPlaneConfiguration, in namespace: String) {
            configuration.secureAddress = ListenAddress(host: "127.0.0.1", port: 0)
            configuration.webhookAddress = ListenAddress(host: "127.0.0.1", port: 0)
            configuration.environment = [
                "EXTERNAL_ISTIOD": "true", "CA_TRUSTED_NODE_ACCOUNTS": "\(namespace)/ztunnel",
                // The own cluster's are not looked after.
                "INJECTION_WEBHOOK_CONFIG_NAME": "mutating-\(namespace)",
                "VALIDATION_WEBHOOK_CONFIG_NAME": "validating-\(namespace)",
            ]
        }

        @Test func anotherClustersProxiesAreKnownAndItIsLookedAfter() async throws {
            try await ControlPlaneSite.with { site in
                let a = try CAMaterial.pluggedIn("a")
                try await site.plugIn(a.pluggedInData)
                try await OtherCluster.with(site) { other in
                    try await other.letIn(site, ControlPlaneAccess.readerRules(isControlled: true))
                    let there = try await other.site.token(of: "reviews", for: "istio-ca")
                    let here = try await site.token(of: "reviews", for: "istio-ca")
                    try await site.withReplica("istiod-1", configure: { serve(&$0, in: site.namespace) }) { replica in
                        try await replica.waitUntilReady()
                        let root = a.rootCertificatePEM
                        try await connect(site, replica, root, there, as: OtherCluster.id)
                        try await connect(site, replica, root, here, as: nil)
                        let complaints = replica.log.complaints.count
                        let strangers: [(Secret<String>, String?)] = [
                            (there, nil), (here, OtherCluster.id), (here, "unknown"),
                        ]
                        for (token, cluster) in strangers {
                            let error = await #expect(throws: RPCError.self) {
                                try await connect(site, replica, root, token, as: cluster)
                            }
                            #expect(error?.code == .unauthenticated)
                        }
                        try await speaksForPods(site, other, replica, a)
                        try await isLookedAfter(site, other, replica, a)
                        let status = await replica.controlPlane.debugState.remoteClusters()
                        #expect(status.map(\.state) == [.synced] && status.flatMap(\.missingRights) == [])
                        #expect(status.map(\.duties) == [[.roots: .here, .webhooks: .here]])
                        #expect(complaints == 0 && replica.log.complaints.isEmpty, "\(replica.log.complaints)")
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

        /// The proxy of a node there has certificates of Pods on that node, and of none on the node of that name here.
        private func speaksForPods(
            _ site: ControlPlaneSite, _ other: OtherCluster, _ replica: ControlPlaneReplica, _ authority: CAMaterial
        ) async throws {
            let caller = try await CertificateCaller(site, replica)
            let token = try await other.site.token(ofPod: "ztunnel-1", account: "ztunnel", on: "one")
            _ = try await other.site.token(ofPod: "reviews-1", account: "reviews", on: "one")
            _ = try await other.site.token(ofPod: "details-1", account: "details", on: "two")
            _ = try await site.token(ofPod: "ratings-1", account: "ratings", on: "one")
            func ask(_ account: String) async throws -> IssuedToCaller {
                let name = "spiffe://cluster.local/ns/\(site.namespace)/sa/\(account)"
                return try await caller.certificate(
                    trusting: authority.trustBundle, token: token, cluster: OtherCluster.id,
                    metadata: ["ImpersonatedIdentity": name])
            }
            let issued = try await ask("reviews")
            #expect(issued.names == ["spiffe://cluster.local/ns/\(site.namespace)/sa/reviews"])
            for account in ["ratings", "details", "nobody"] {
                let error = await #expect(throws: RPCError.self) { _ = try await ask(account) }
                #expect(error?.code == .permissionDenied, "\(account): \(error?.message ?? "")")
            }
        }

        /// Root and webhooks' roots are there once the other cluster says who looks after it, not before; they follow
        /// another root.
        private func isLookedAfter(
            _ site: ControlPlaneSite, _ other: OtherCluster, _ replica: ControlPlaneReplica, _ a: CAMaterial
        ) async throws {
            let port = try #require(await replica.controlPlane.webhookPort)
            let client = other.cluster.client
            for (resource, object) in webhooks(site, port: port) {
                _ = try await client.create(resource, object, fieldManager: "t")
            }
            try await other.name("elsewhere")
            let published = ObjectKey(namespace: "default", name: ControlPlaneSite.configMapName)
            #expect(try await client.find(.configMaps, published) == nil)
            try await other.name("elsewhere, Kubernetes")
            let first = a.rootCertificatePEM
            try await other.waitForRoot { $0 == first }
            // Control planes of other clusters that look after it as well would see that there.
            let lease = try await client.get(.leases, site.key(RootPublishing.remotePublisherLease))
            #expect(lease.json["spec", "holderIdentity"] == "Kubernetes/istiod-1")
            for (resource, object) in webhooks(site, port: port) {
                try await client.wait(resource, object.key, "the root of \(object.key)", within: .seconds(120)) {
                    $0?.bundle == first
                }
            }
            let b = try CAMaterial.pluggedIn("b")
            try await site.plugIn(a.trusting(b.trustBundle).pluggedInData)
            let second = b.trustBundle
            try await other.waitForRoot { text in
                (try? TrustBundle(parsing: text)).map { Set($0.certificates).isSuperset(of: second.certificates) }
                    ?? false
            }
            for (resource, object) in webhooks(site, port: port) {
                try await client.wait(resource, object.key, "both roots of \(object.key)", within: .seconds(120)) {
                    let bundle = $0.flatMap { try? TrustBundle(parsing: $0.bundle) }
                    return bundle.map { Set($0.certificates).isSuperset(of: second.certificates) } ?? false
                }
            }
            // Nobody has proved there that it refuses what is wrong.
            let validating = try await client.get(
                .validatingWebhookConfigurations, site.configuration(.validating, port: port).key)
            #expect(validating.json["webhooks"]?.array?.first?["failurePolicy"] == "Ignore")
        }

        private func webhooks(_ site: ControlPlaneSite, port: Int) -> [(APIResource, UnstructuredObject)] {
            [
                (.mutatingWebhookConfigurations, site.configuration(.mutating, port: port)),
                (.validatingWebhookConfigurations, site.configuration(.validating, port: port)),
            ]
        }

        /// An account that may do less is told of, once; the rest goes on, and what it lacked once it is granted: here by
        /// rules as Istio's own, which replace where ours patch.
        @Test func whatAnAccountMayNotIsLeftOut() async throws {
            try await ControlPlaneSite.with { site in
                let a = try CAMaterial.pluggedIn("a")
                try await site.plugIn(a.pluggedInData)
                try await OtherCluster.with(site) { other in
                    let read = ["get", "list", "watch"]
                    let services = [
                        AccessRule(
                            apiGroups: [""], resources: ["services", "endpoints", "pods", "namespaces"], verbs: read),
                        AccessRule(apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: read),
                    ]
                    try await other.letIn(site, services)
                    try await other.name("*")
                    try await site.withReplica("istiod-1", configure: { serve(&$0, in: site.namespace) }) { replica in
                        try await replica.waitUntilReady()
                        let controlPlane = replica.controlPlane
                        @Sendable func status() async -> ClusterStatus? {
                            await controlPlane.debugState.remoteClusters().first
                        }
                        try await eventually("the other cluster is synced") { await status()?.state == .synced }
                        let kubernetes = ServiceKey(
                            hostname: "kubernetes.default.svc.cluster.local", namespace: "default")
                        try await eventually("its services") {
                            await controlPlane.discovery.snapshot.services[kubernetes]?
                                .clusterAddresses[OtherCluster.id] != nil
                        }
                        try await replica.log.wait(for: "four things that are left out") { entries in
                            entries.count { $0.level == .warning && $0.text.contains("may not do all") } == 4
                        }
                        let missing = await status()?.missingRights ?? []
                        #expect(
                            Set(missing).isSuperset(of: [
                                "list nodes", "watch nodes", "create tokenreviews.authentication.k8s.io",
                                "create configmaps", "patch configmaps or update configmaps",
                            ]), "\(missing)")
                        #expect(replica.log.complaints.count == 4, "\(replica.log.complaints)")

                        let port = try #require(await controlPlane.webhookPort)
                        for (resource, object) in webhooks(site, port: port) {
                            _ = try await other.cluster.client.create(resource, object, fieldManager: "t")
                        }
                        try await other.grant(services + Self.istiosRules)
                        let root = a.rootCertificatePEM
                        try await other.waitForRoot { $0 == root }
                        for (resource, object) in webhooks(site, port: port) {
                            try await other.cluster.client.wait(
                                resource, object.key, "the root of \(object.key)", within: .seconds(120)
                            ) { $0?.bundle == root }
                        }
                        try await eventually("nothing is missing", within: .seconds(120)) {
                            await status()?.missingRights == []
                        }
                        #expect(replica.log.complaints.count == 4, "\(replica.log.complaints)")
                    }
                }
            }
        }

        private static let istiosRules = [
            AccessRule(apiGroups: [""], resources: ["nodes"], verbs: ["get", "list", "watch"]),
            AccessRule(apiGroups: ["authentication.k8s.io"], resources: ["tokenreviews"], verbs: ["create"]),
            AccessRule(
                apiGroups: [""], resources: ["configmaps"], verbs: ["create", "get", "list", "watch", "update"]),
            AccessRule(
                apiGroups: ["admissionregistration.k8s.io"], resources: ["mutatingwebhookconfigurations"],
                verbs: ["get", "list", "watch", "update", "patch"]),
            AccessRule(
                apiGroups: ["admissionregistration.k8s.io"], resources: ["validatingwebhookconfigurations"],
                verbs: ["get", "list", "watch", "update"]),
        ]
    }
}
