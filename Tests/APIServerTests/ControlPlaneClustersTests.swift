import ControlPlane
import DebugPages
import FoundationEssentials
import IstioAPI
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import MeshDiscovery
import MeshModel
import MeshObservation
import Testing

extension OwnClusterTests {
    /// Other clusters of the mesh, and what the control plane writes into ServiceEntries.
    @Suite struct ControlPlaneClustersTests {
        private static let kubernetes = ServiceKey(
            hostname: "kubernetes.default.svc.cluster.local", namespace: "default")

        /// A kubeconfig for the suite's own cluster, as `create-remote-secret` writes it.
        private func kubeconfig(_ site: ControlPlaneSite, token: String? = nil) throws -> String {
            guard case .token(let own) = site.account.credential else { throw Missing() }
            let roots = Data(site.account.trustRootsPEM ?? []).base64EncodedString()
            return """
                apiVersion: v1
                kind: Config
                current-context: other
                clusters: [{name: other, cluster: {server: '\(site.account.server)', certificate-authority-data: \(roots)}}]
                contexts: [{name: other, context: {cluster: other, user: other}}]
                users: [{name: other, user: {token: '\(token ?? own.exposed)'}}]
                """
        }

        private struct Missing: Error {}

        private func letIn(_ site: ControlPlaneSite, _ kubeconfig: String) async throws {
            let secret = UnstructuredObject([
                "apiVersion": "v1", "kind": "Secret",
                "metadata": [
                    "name": "istio-remote-secret-other", "namespace": .string(site.namespace),
                    "labels": ["istio/multiCluster": "true"],
                ],
                "data": ["other": .string(Data(kubeconfig.utf8).base64EncodedString())],
            ])
            _ = try await site.cluster.client.apply(.secrets, secret, fieldManager: "t", force: true)
        }

        @Test func anotherClusterComesChangesAndGoes() async throws {
            try await ControlPlaneSite.with { site in
                try await site.withReplica("istiod-1") { replica in
                    try await replica.waitUntilReady()
                    let controlPlane = replica.controlPlane
                    @Sendable func clusters() async -> [String: [String]] {
                        await controlPlane.discovery.snapshot.services[Self.kubernetes]?.clusterAddresses ?? [:]
                    }
                    @Sendable func states() async -> [ClusterStatus.State] {
                        await controlPlane.debugState.remoteClusters().map(\.state)
                    }
                    #expect(await states() == [])

                    try await letIn(site, try kubeconfig(site))
                    try await eventually("the other cluster's services") { await clusters()["other"] != nil }
                    try await eventually("the other cluster is synced") { await states() == [.synced] }
                    #expect(await controlPlane.discovery.snapshot.topology.remoteClusters == ["other"])

                    // Nobody who writes a Secret makes the control plane start programs or read files.
                    try await letIn(
                        site, try kubeconfig(site).replacing("token: '", with: "tokenFile: /etc/passwd, token: '"))
                    try await eventually("a kubeconfig that is refused") {
                        guard case .failing(let problem)? = await states().first else { return false }
                        return problem.contains("tokenFile")
                    }
                    // What was known counts on.
                    #expect(await clusters()["other"] != nil)

                    try await letIn(site, try kubeconfig(site))
                    try await eventually("the mended cluster") { await states() == [.synced] }
                    #expect(await clusters()["other"] != nil)

                    _ = try await site.cluster.client.delete(.secrets, site.key("istio-remote-secret-other"))
                    try await eventually("no trace of the other cluster") {
                        let snapshot = await controlPlane.discovery.snapshot
                        return snapshot.topology.isOfOneCluster
                            && snapshot.services[Self.kubernetes]?.clusterAddresses == [:]
                    }
                    #expect(await states() == [])
                }
            }
        }

        @Test func hostsGetVirtualIPsAndKeepThem() async throws {
            let resource = APIResource(
                group: "networking.istio.io", version: "v1", kind: "ServiceEntry", plural: "serviceentries",
                isNamespaced: true)
            try await ControlPlaneSite.with { site in
                let client = site.cluster.client
                let definition = UnstructuredObject(CustomResource.serviceEntry.definition(hasRules: false))
                _ = try await client.apply(
                    .customResourceDefinitions, definition, fieldManager: "kubectl", force: true)
                try await client.wait(.customResourceDefinitions, definition.key, "established") { found in
                    (found?.json["status", "conditions"]?.array ?? []).contains {
                        $0["type"] == "Established" && $0["status"] == "True"
                    }
                }
                let entry = UnstructuredObject([
                    "apiVersion": "networking.istio.io/v1", "kind": "ServiceEntry",
                    "metadata": ["namespace": .string(site.namespace), "name": "external"],
                    "spec": [
                        "hosts": ["a.example.com", "b.example.com"], "resolution": "DNS",
                        "ports": [["number": 443, "name": "tls", "protocol": "TLS"]],
                    ],
                ])
                _ = try await client.create(resource, entry, fieldManager: "t")
                try await site.withReplica("istiod-1") { replica in
                    try await replica.waitUntilReady()
                    try await client.wait(resource, site.key("external"), "addresses", within: .seconds(60)) { object in
                        let addresses = object?.json["status", "addresses"]?.array ?? []
                        return addresses.count == 4
                            && addresses.contains { $0["value"]?.string?.hasPrefix("240.240.") ?? false }
                    }
                    let host = ServiceKey(hostname: "a.example.com", namespace: site.namespace)
                    try await eventually("the addresses in the mesh") {
                        await replica.controlPlane.discovery.snapshot.services[host]?.allocatedAddresses.count == 2
                    }
                }
                _ = try await client.delete(.customResourceDefinitions, definition.key)
            }
        }
    }
}
