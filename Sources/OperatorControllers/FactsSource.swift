package import KubernetesClient
import KubernetesModel
package import ManifestRenderer

/// What the cluster serves, asked once and again after a while: clusters are upgraded under a running operator.
package actor FactsSource {
    /// What was found.
    package struct Findings: Sendable {
        package var facts: ClusterFacts
        package var api: DiscoveredAPI
    }

    private static let lifetime = Duration.seconds(600)

    private let client: KubernetesClient
    private var findings: (Findings, since: ContinuousClock.Instant)?

    package init(client: KubernetesClient) { self.client = client }

    /// What is known, asked now unless it is younger than ten minutes.
    package func current() async throws -> Findings {
        if let (findings, since) = findings, ContinuousClock.now - since < FactsSource.lifetime { return findings }
        let version = try await client.version()
        let api = try await client.discover()
        var facts = ClusterFacts(kubernetesMinor: version.minor, served: api.served)
        facts.platform = ClusterFacts.platform(ofVersion: version.gitVersion)
        let fresh = Findings(facts: facts, api: api)
        findings = (fresh, .now)
        return fresh
    }

    /// Asks anew the next time: something was not served as expected.
    package func invalidate() { findings = nil }
}
