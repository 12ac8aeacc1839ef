import ControlPlane
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import Testing

extension OwnClusterTests {
    @Suite struct ControlPlaneRecoveryTests {}
}

extension OwnClusterTests.ControlPlaneRecoveryTests {
    /// The API server goes, twice, for longer than the lease; the replica stays, and goes on where it was.
    @Test func outlivesItsAPIServer() async throws {
        try await ControlPlaneSite.with { site in
            let client = site.cluster.client
            try await site.withReplica("a") { replica in
                try await replica.waitUntilReady()
                let root = try #require(try await site.secretValue("istio-ca-secret", "ca-cert.pem"))
                try await site.waitForRoot(root, in: site.namespace)
                for round in 1...2 {
                    try await site.cluster.stop("kube-apiserver", abruptly: true)
                    try await replica.log.wait(for: "the lease to be lost") {
                        $0.count { $0.text.hasPrefix("Could not renew the lease in time") } >= round
                    }
                    #expect(replica.controlPlane.isReady)
                    try await site.cluster.start("kube-apiserver")
                    _ = try await client.delete(.configMaps, site.key(ControlPlaneSite.configMapName))
                    try await site.waitForRoot(root, in: site.namespace, within: .seconds(90))
                    #expect(try await site.publisher == "a")
                }
            }
            #expect(try await site.publisher == nil)
        }
    }
}
