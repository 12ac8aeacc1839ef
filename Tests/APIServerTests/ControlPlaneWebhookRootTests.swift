import CertificateAuthority
import ControlPlane
import FoundationEssentials
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import Logging
import OperatorControllers
import SwiftASN1
import Testing
import X509

extension OwnClusterTests {
    @Suite struct ControlPlaneWebhookRootTests {}
}

extension OwnClusterTests.ControlPlaneWebhookRootTests {
    /// From A to B as people are told to do it, and from B to C as they are told not to: API servers, replicas and the
    /// server's certificate go along, and no call is refused on the way.
    @Test func noCallIsRefusedWhileRootsAreReplaced() async throws {
        let (a, b, c) = (try CAMaterial.pluggedIn("a"), try CAMaterial.pluggedIn("b"), try CAMaterial.pluggedIn("c"))
        try await ControlPlaneSite.with { site in
            try await site.plugIn(a.pluggedInData)
            let client = site.cluster.client
            try await site.withWebhooks { _, port in
                try await site.withReplica("b", configure: site.webhooks) { other in
                    try await other.waitUntilReady()
                    let configuration = site.configuration(.mutating, port: port)
                    let key = configuration.key
                    _ = try await client.apply(.configMaps, site.injectorConfigMap, fieldManager: "t", force: true)
                    let bundles = Journal<[String]>()
                    try await site.while([
                        { try await site.recordBundles(key, in: bundles) }
                    ]) {
                        _ = try await client.apply(
                            .mutatingWebhookConfigurations, configuration, fieldManager: "t", force: true)
                        _ = try await site.until("a Pod is injected") { try await site.injectedShare() }
                        let calls = Journal<String?>()
                        let server = try await ServerCertificateProbe(site, port: port)
                        try await site.while([{ try await site.call(into: calls) }]) {
                            try await site.plugIn(a.trusting(b.trustBundle).pluggedInData)
                            try await bundles.wait(for: "A and B", within: .seconds(60)) { $0.last?.count == 2 }
                            #expect(await server.isTrusted(by: a))
                            try await site.plugIn(b.trusting(a.trustBundle).pluggedInData)
                            try await server.wait(trusting: b)
                            try await site.plugIn(b.pluggedInData)
                            try await bundles.wait(for: "B", within: .seconds(90)) { $0.last == b.roots }
                            try await site.plugIn(c.pluggedInData)
                            try await bundles.wait(for: "B and C", within: .seconds(60)) { $0.last?.count == 2 }
                            try await server.wait(trusting: c)
                            try await bundles.wait(for: "C", within: .seconds(90)) { $0.last == c.roots }
                            let count = calls.entries.count
                            try await calls.wait(for: "calls", within: .seconds(60)) { $0.count > count + 2 }
                        }
                        #expect(calls.entries.compactMap(\.self) == [])
                        #expect(calls.entries.count > 20)
                    }
                    // Two replicas wrote, and each thing once. Who looks may come too late for the moment without roots.
                    #expect(
                        Array(bundles.entries.drop { $0.isEmpty }) == [
                            a.roots, (a.roots + b.roots).sorted(), b.roots, (b.roots + c.roots).sorted(), c.roots,
                        ])
                }
            }
        }
    }
}

extension ControlPlaneSite {
    /// Runs the first ones as long as `body` runs.
    fileprivate func `while`(
        _ others: [@Sendable () async throws -> Void], _ body: () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for other in others {
                group.addTask { do { try await other() } catch  where Task.isCancelled {} }
            }
            defer { group.cancelAll() }
            try await body()
        }
    }

    /// Creates Pods, for show, one after the other; notes why one was refused or not injected, nil if it was.
    fileprivate func call(into calls: Journal<String?>) async throws {
        while !Task.isCancelled {
            do {
                let pod = pod("p", labels: ["site": namespace, "sidecar.istio.io/inject": "true"])
                let made = try await cluster.client.create(.pods, pod, fieldManager: "t", dryRun: true)
                calls.add(made.json["spec", "containers"]?.array?.count == 2 ? nil : "not injected")
            } catch let error as APIError {
                calls.add(error.message)
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Notes whom a configuration's webhook trusts, each time that changes.
    fileprivate func recordBundles(_ key: ObjectKey, in journal: Journal<[String]>) async throws {
        let scope = ListScope(fieldSelector: "metadata.name=\(key.name)")
        let list = try await cluster.client.list(.mutatingWebhookConfigurations, reader: .unstructured, in: scope)
        let events = cluster.client.watch(
            .mutatingWebhookConfigurations, reader: .unstructured, in: scope, from: list.resourceVersion)
        for try await event in events where event.kind == .added || event.kind == .modified {
            let roots = CAMaterial.roots(event.object?.bundle ?? "")
            if journal.entries.last != roots { journal.add(roots) }
        }
    }
}

/// Looks at what the port of webhooks presents, as the operator does.
private struct ServerCertificateProbe {
    private let probe: WebhookServerProbe
    private let namespace: String

    init(_ site: ControlPlaneSite, port: Int) async throws {
        namespace = site.namespace
        probe = WebhookServerProbe(
            client: site.cluster.client, address: { _ in .init(host: "127.0.0.1", port: port) },
            logger: Logger(label: "probe") { _ in SwiftLogNoOpLogHandler() })
        let endpoints = UnstructuredObject([
            "apiVersion": "v1", "kind": "Endpoints",
            "metadata": ["name": .string("istiod-r-\(namespace)"), "namespace": .string(namespace)],
            "subsets": [["addresses": [["ip": "192.0.2.1"]], "ports": [["port": 15017]]]],
        ])
        _ = try await site.cluster.client.apply(.endpoints, endpoints, fieldManager: "t", force: true)
    }

    func isTrusted(by authority: CAMaterial) async -> Bool {
        await probe.answers(
            revision: "r-\(namespace)", namespace: namespace, trusting: authority.certificatePEM)
    }

    func wait(trusting authority: CAMaterial) async throws {
        let deadline = ContinuousClock.now + .seconds(90)
        while await !isTrusted(by: authority) {
            try #require(ContinuousClock.now < deadline, "the server does not follow the new root")
            try await Task.sleep(for: .milliseconds(200))
        }
    }
}

extension CAMaterial {
    /// What the mesh is told to trust, a certificate each.
    fileprivate var roots: [String] { Self.roots(rootCertificatePEM) }

    fileprivate static func roots(_ pem: String) -> [String] {
        ((try? TrustBundle(parsing: pem))?.certificates ?? []).compactMap { try? $0.serializeAsPEM().pemString }
            .sorted()
    }
}
