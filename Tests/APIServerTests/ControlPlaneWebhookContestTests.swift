import CertificateAuthority
import CertificateService
import ControllerRuntime
import FoundationEssentials
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import MeshObservation
import Testing

@testable import ControlPlane

extension OwnClusterTests {
    /// Control planes of several clusters, with different roots, that look after the webhooks of one cluster.
    @Suite struct ControlPlaneWebhookContestTests {
        /// The one who holds the Lease writes its root, and nobody over it; when it goes the other one does.
        @Test func theHolderOfTheLeaseWrites() async throws {
            try await ControlPlaneSite.with { site in
                let both = [try Primary("a", site), try Primary("b", site)]
                try await site.makeWebhooks(trusting: "c2hvdWxkIGdv")
                let tasks = both.map { $0.start(claiming: .any) }
                try await eventually("one of them has it", within: .seconds(120)) {
                    both.contains { $0.holder == .here }
                }
                let first = try #require(both.firstIndex { $0.holder == .here })
                let (holder, other) = (both[first], both[1 - first])
                try await site.waitForWebhooks(trusting: holder.root)
                try await eventually("the other one knows", within: .seconds(120)) {
                    other.holder == .elsewhere("\(holder.id)/istiod")
                }
                // What somebody changes is put right by the one that has it.
                for (resource, key) in site.webhookKeys {
                    let bundle: JSONValue = .string(CABundle64.text(other.root))
                    _ = try await site.cluster.client.patch(
                        resource, key,
                        .json([["op": "replace", "path": "/webhooks/0/clientConfig/caBundle", "value": bundle]]),
                        fieldManager: "somebody")
                }
                try await site.waitForWebhooks(trusting: holder.root)
                #expect(other.log.complaints.isEmpty, "\(other.log.complaints)")
                tasks[first].cancel()
                try await site.waitForWebhooks(trusting: other.root)
                #expect(other.holder == .here)
                await tasks[first].value
                #expect(holder.holder == nil)
                tasks[1 - first].cancel()
                for task in tasks { await task.value }
            }
        }

        /// Without Leases, and where nobody is named, one gives way: the quarrel ends.
        @Test func withoutALeaseOneGivesWay() async throws {
            try await ControlPlaneSite.with { site in
                let both = [try Primary("a", site, mayElect: false), try Primary("b", site, mayElect: false)]
                try await site.makeWebhooks(trusting: "c2hvdWxkIGdv")
                let tasks = both.map { $0.start(claiming: .any) }
                try await eventually("one gives way", within: .seconds(120)) {
                    both.contains { $0.holder == .contested }
                }
                try await eventually("nobody writes any more", within: .seconds(120)) {
                    let before = try await site.webhookVersions
                    try await Task.sleep(for: .seconds(2))
                    return try await site.webhookVersions == before
                }
                let bundles = try await site.webhookBundles
                let yielding = both.filter { $0.holder == .contested }
                #expect(bundles.allSatisfy { bundle in both.contains { bundle.contains($0.root) } })
                for primary in yielding { #expect(primary.log.complaints.count == 1, "\(primary.log.complaints)") }
                for task in tasks { task.cancel() }
                for task in tasks { await task.value }
            }
        }

        /// Without Leases the first that is named writes over what is there; who is behind it writes where nothing is.
        @Test func withoutALeaseTheFirstNameCounts() async throws {
            try await ControlPlaneSite.with { site in
                let first = try Primary("a", site, mayElect: false)
                let second = try Primary("b", site, mayElect: false)
                try await site.makeWebhooks(trusting: "")
                let behind = second.start(claiming: .behind("a"))
                try await site.waitForWebhooks(trusting: second.root)
                #expect(second.holder == .namedFirst("a"))
                let ahead = first.start(claiming: .first)
                try await site.waitForWebhooks(trusting: first.root)
                #expect(first.holder == .here)
                // A change has all of them look at it; the one who is behind would be heard of.
                let before = try await site.webhookBundles
                for (resource, key) in site.webhookKeys {
                    _ = try await site.cluster.client.patch(
                        resource, key, .merge(["metadata": ["labels": ["looked": "at"]]]), fieldManager: "somebody")
                }
                try await site.waitForWebhooks(trusting: first.root)
                #expect(try await site.webhookBundles == before)
                #expect(second.log.complaints.count == 1, "\(second.log.complaints)")
                for task in [ahead, behind] { task.cancel() }
                for task in [ahead, behind] { await task.value }
            }
        }
    }
}

/// The control plane of one cluster that looks after another one's webhooks.
private struct Primary: Sendable {
    let id: String
    let root: String
    let log = Journal<LogEntry>()
    private let duty: RemoteDuty
    private let remote: RemoteSite

    init(_ id: String, _ site: ControlPlaneSite, mayElect: Bool = true) throws {
        self.id = id
        let authority = MeshAuthority(try CAMaterial.pluggedIn(id))
        root = authority.material.rootCertificatePEM
        var configuration = ControlPlaneConfiguration(namespace: site.namespace, identity: "istiod")
        configuration.clusterID = id
        configuration.revision = "r-\(site.namespace)"
        configuration.leaseTiming = Election.short
        configuration.webhookRoots.overlap = .milliseconds(200)
        let listening = OneTime()
        listening.happen()
        duty = .webhooks(configuration, authority: authority, once: listening, now: { .now })
        remote = RemoteSite(
            clusterID: "remote", client: site.cluster.client,
            permissions: RemotePermissions(LeaseRights(mayElect: mayElect), logger: log.logger),
            duties: DutyHolders(clusterID: "remote", logger: log.logger), logger: log.logger)
    }

    /// Who has it, as far as this one knows.
    var holder: DutyHolder? { remote.duties.all[.webhooks] }

    func start(claiming claim: RemoteClaim) -> Task<Void, Never> {
        Task {
            defer { remote.duties.note(.webhooks, nil) }
            try? await duty.run(remote, claim)
        }
    }
}

/// Everything is allowed, but perhaps Leases.
private struct LeaseRights: RightsReviewing {
    var mayElect: Bool

    func isAllowed(_ right: ClusterRight) -> Bool { mayElect || right.resource != "leases" }
}

private enum CABundle64 {
    static func text(_ pem: String) -> String { base64Encoded(Array(pem.utf8)) }
}

extension ControlPlaneSite {
    fileprivate var webhookKeys: [(APIResource, ObjectKey)] {
        [
            (.mutatingWebhookConfigurations, configuration(.mutating, port: 1).key),
            (.validatingWebhookConfigurations, configuration(.validating, port: 1).key),
        ]
    }

    /// Makes configurations that nobody's namespace is asked about.
    fileprivate func makeWebhooks(trusting bundle: String) async throws {
        for (resource, purpose) in [
            (APIResource.mutatingWebhookConfigurations, Purpose.mutating),
            (.validatingWebhookConfigurations, .validating),
        ] {
            var object = configuration(purpose, port: 1)
            if !bundle.isEmpty, var webhook = object.json["webhooks"]?.array?.first {
                webhook["clientConfig", "caBundle"] = .string(bundle)
                object.json["webhooks"] = [webhook]
            }
            _ = try await cluster.client.create(resource, object, fieldManager: "t")
        }
    }

    fileprivate func waitForWebhooks(trusting root: String) async throws {
        for (resource, key) in webhookKeys {
            try await cluster.client.wait(resource, key, "its root in \(key)", within: .seconds(120)) {
                $0?.bundle == root
            }
        }
    }

    fileprivate var webhookBundles: [String] {
        get async throws {
            var bundles: [String] = []
            for (resource, key) in webhookKeys { bundles.append(try await cluster.client.get(resource, key).bundle) }
            return bundles
        }
    }

    fileprivate var webhookVersions: [String] {
        get async throws {
            var versions: [String] = []
            for (resource, key) in webhookKeys {
                versions.append(try await cluster.client.get(resource, key).metadata.resourceVersion)
            }
            return versions
        }
    }
}
