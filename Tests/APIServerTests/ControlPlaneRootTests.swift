import CertificateAuthority
import ControlPlane
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import Logging
import ServiceLifecycle
import Testing

extension OwnClusterTests {
    @Suite struct ControlPlaneRootTests {}
}

extension OwnClusterTests.ControlPlaneRootTests {
    /// Two replicas start at the same moment in an empty namespace: one root is made, both have it.
    @Test func twoReplicasMakeOneRoot() async throws {
        try await ControlPlaneSite.with { site in
            let client = site.cluster.client
            try await site.withReplica("a") { first in
                try await site.withReplica("b") { second in
                    try await first.waitUntilReady()
                    try await second.waitUntilReady()
                    let made = (first.log.entries + second.log.entries).count {
                        $0.text.hasPrefix("Made a new mesh root")
                    }
                    #expect(made == 1)
                    let secret = try await client.get(.secrets, site.key("istio-ca-secret"))
                    #expect(secret.json["type"] == "istio.io/ca-root")
                    #expect(
                        secret.json["data"]?.object?.keys.sorted()
                            == ["ca-cert.pem", "ca-key.pem", "cert-chain.pem", "key.pem", "root-cert.pem"])
                    let root = try #require(try await site.secretValue("istio-ca-secret", "ca-cert.pem"))
                    let key = try #require(try await site.secretValue("istio-ca-secret", "ca-key.pem"))
                    #expect(key.contains("PRIVATE KEY"))
                    try await site.waitForRoot(root, in: site.namespace)

                    // The other one takes over, with the same root.
                    let leader = try #require(try await site.publisher)
                    let (leading, following) = leader == "a" ? (first, second) : (second, first)
                    await leading.group.triggerGracefulShutdown()
                    try await client.wait(.leases, site.lease, "the other replica's") { lease in
                        let holder = lease?.json["spec", "holderIdentity"]?.string
                        return holder == (leader == "a" ? "b" : "a")
                    }
                    #expect(!leading.controlPlane.isReady)
                    #expect(following.controlPlane.isReady)
                    _ = try await client.delete(.configMaps, site.key(ControlPlaneSite.configMapName))
                    try await site.waitForRoot(root, in: site.namespace)
                    let version = try await client.get(.secrets, site.key("istio-ca-secret")).metadata.resourceVersion
                    #expect(version == secret.metadata.resourceVersion)
                    #expect(first.log.complaints.isEmpty, "\(first.log.complaints)")
                    #expect(second.log.complaints.isEmpty, "\(second.log.complaints)")
                }
            }
            #expect(try await site.publisher == nil)
        }
    }

    /// The root outlives the control plane: the next one reads it.
    @Test func aRestartKeepsTheRoot() async throws {
        try await ControlPlaneSite.with { site in
            try await site.withReplica("a") { try await $0.waitUntilReady() }
            let root = try #require(try await site.secretValue("istio-ca-secret", "ca-cert.pem"))
            try await site.withReplica("a") { replica in
                try await replica.waitUntilReady()
                #expect(!replica.log.entries.contains { $0.text.hasPrefix("Made") })
                try await site.waitForRoot(root, in: site.namespace)
            }
            #expect(try await site.secretValue("istio-ca-secret", "ca-cert.pem") == root)
        }
    }

    @Test func aPluggedInAuthorityWins() async throws {
        try await ControlPlaneSite.with { site in
            let authority = try CAMaterial.pluggedIn("plugged.example.com")
            try await site.plugIn(authority.pluggedInData)
            try await site.withReplica("a") { replica in
                try await replica.waitUntilReady()
                try await site.waitForRoot(authority.rootCertificatePEM, in: site.namespace)
                try await site.waitForRoot(authority.rootCertificatePEM, in: "default")
                #expect(try await site.cluster.client.find(.secrets, site.key("istio-ca-secret")) == nil)
                #expect(replica.log.complaints.isEmpty, "\(replica.log.complaints)")
            }
        }
    }

    /// An authority that cannot be used is never replaced by another: nothing happens until a person mends it.
    @Test func aBrokenPluggedInAuthorityIsWaitedFor() async throws {
        try await ControlPlaneSite.with { site in
            let client = site.cluster.client
            let authority = try CAMaterial.pluggedIn("plugged.example.com")
            let other = try CAMaterial.pluggedIn("other.example.com")
            var broken = authority.pluggedInData
            broken["ca-key.pem"] = other.pluggedInData["ca-key.pem"]
            try await site.plugIn(broken)
            try await site.withReplica("a") { replica in
                try await replica.log.wait(for: "two refusals") { $0.count { $0.level == .error } >= 2 }
                let text = try #require(replica.log.complaints.first?.text)
                #expect(text.contains("Secret \(site.namespace)/cacerts"))
                #expect(text.contains("ca-key.pem"))
                #expect(!text.contains("PRIVATE KEY"))
                #expect(!replica.controlPlane.isReady)
                #expect(try await client.find(.secrets, site.key("istio-ca-secret")) == nil)
                #expect(try await client.find(.configMaps, site.key(ControlPlaneSite.configMapName)) == nil)
                #expect(try await client.find(.leases, site.lease) == nil)

                try await site.plugIn(authority.pluggedInData)
                try await replica.waitUntilReady()
                try await site.waitForRoot(authority.rootCertificatePEM, in: site.namespace)
            }
        }
    }

    /// A shutdown while the root cannot be loaded ends at once.
    @Test func shutsDownWithoutARoot() async throws {
        try await ControlPlaneSite.with { site in
            try await site.plugIn(["ca-cert.pem": Array("no certificate".utf8)])
            try await site.withReplica("a") { replica in
                try await replica.log.wait(for: "a refusal") { $0.contains { $0.level == .error } }
                await replica.group.triggerGracefulShutdown()
                #expect(!replica.controlPlane.isReady)
            }
        }
    }
}
