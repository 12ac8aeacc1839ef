import ControlPlane
import DiscoveryServer
import EnvoyAPI
import EnvoyTesting
import EnvoyTranslator
import IstioAPI
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import Logging
import MeshDiscovery
import NIOHTTP1
import Observability
import Testing
import XDSServer

extension OwnClusterTests {
    @Suite(
        .enabled(if: EnvoyProgram.path != nil, Comment(rawValue: EnvoyProgram.absence)),
        .enabled(if: Bookinfo.isPresent, "no Bookinfo manifests on this machine"))
    struct ControlPlaneTrafficTests {}
}

/// Objects of a real API server, a control plane that reads them, and real Envoys that serve requests by what it says.
extension OwnClusterTests.ControlPlaneTrafficTests {
    struct Mesh: Sendable {
        var network: PodNetwork
        var bookinfo: Bookinfo
        var port: Int
        var secrets: TestFolder

        func configure(_ configuration: inout ControlPlaneConfiguration) {
            configuration.plainAddress = ListenAddress(port: port)
            configuration.translation = TranslationSettings(
                sources: ConfigSources(secrets: .folder(secrets.path)))
        }

        /// A Pod with an application and a sidecar, as the API server is told of it.
        func start(
            _ number: Int, _ app: String, _ version: String, _ kind: Envoy_Config_Core_V3_ApiConfigSource.ApiType,
            asking other: String? = nil
        ) async throws -> PodSandbox {
            let sandbox = try network.pod(number)
            var asked: (String, String)?
            if let other { asked = ("\(other):9080", try await bookinfo.virtualIP(other)) }
            try sandbox.startApplication("\(app)-\(version)", asking: asked)
            let pod = try await bookinfo.run(app, version, at: sandbox.address)
            try sandbox.startSidecar(
                kind, nodeID: bookinfo.nodeID(pod, at: sandbox.address),
                controlPlane: (network.gateway, port))
            return sandbox
        }

        /// Asks an application's Pod as a client outside the mesh.
        func ask(_ pod: PodSandbox) async throws -> Answer { try await fetch("http://\(pod.address):9080/") }
    }

    func withMesh(
        _ site: ControlPlaneSite, _ body: (Mesh) async throws -> Void
    ) async throws {
        try await site.cluster.withNamespace { namespace in
            let network = try PodNetwork()
            let secrets = try TestFolder()
            defer {
                network.remove()
                secrets.remove()
            }
            let bookinfo = Bookinfo(client: site.cluster.client, namespace: namespace)
            try bookinfo.writeSecrets(to: secrets)
            try await bookinfo.create()
            let mesh = Mesh(
                network: network, bookinfo: bookinfo, port: try RunningProgram.freePort(), secrets: secrets)
            try await bookinfo.withNode { try await body(mesh) }
        }
    }

    @Test func bookinfosServicesTalk() async throws {
        try await ControlPlaneSite.with { site in
            try await withMesh(site) { mesh in
                try await site.withReplica("istiod-1", configure: mesh.configure) { replica in
                    try await replica.waitUntilReady()
                    let ratings = try await mesh.start(1, "ratings", "v1", .deltaGrpc)
                    let reviews = try await mesh.start(2, "reviews", "v1", .grpc, asking: "ratings")
                    let page = try await mesh.start(3, "productpage", "v1", .deltaGrpc, asking: "reviews")
                    let pods = [ratings, reviews, page]
                    try await explained(pods) {
                        try await self.talk(mesh, page, pods)
                        try await self.follows(mesh, site, page, pods)
                    }
                }
            }
        }
    }

    /// Runs a test; its failure tells what the Pods have seen.
    func explained(_ pods: [PodSandbox], _ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch {
            var words = "\(error)"
            for pod in pods {
                let answer = try? await fetch("http://\(pod.address):9080/")
                let statistics = try? await pod.statistics("(fail|error|upstream_rq_[0-9]|rejected|no_route|timeout)")
                words += "\n\(pod.name): \(answer.map { "\($0)" } ?? "no answer"), "
                words += "\((statistics ?? [:]).filter { $0.value > 0 })\n\(pod.log("sidecar").suffix(1000))"
            }
            throw TestFailure(words)
        }
    }

    /// The page asks the reviews and these ask the ratings, each through both sidecars by mutual TLS.
    private func talk(_ mesh: Mesh, _ page: PodSandbox, _ pods: [PodSandbox]) async throws {
        try await eventually("the chain answers") { (try? await mesh.ask(page).status) == 200 }
        let answer = try await mesh.ask(page)
        #expect(answer.headers["served"] == ["ratings-v1", "reviews-v1", "productpage-v1"])
        let callers = answer.headers["caller"]
        // A client outside the mesh has no certificate; all others have.
        #expect(callers.last == "productpage-v1<")
        for caller in callers.dropLast() {
            #expect(caller.contains("URI=spiffe://cluster.local/ns/\(mesh.bookinfo.namespace)/sa/"), "\(caller)")
        }
        for pod in pods { try await expectNoRefusal(of: pod) }
    }

    func expectNoRefusal(of pod: PodSandbox) async throws {
        let refused = try await pod.statistics("update_rejected|create_failure")
        #expect(!refused.isEmpty)
        #expect(refused.filter { $0.value != 0 } == [:])
    }

    /// What changes in the API server reaches the Envoys.
    private func follows(
        _ mesh: Mesh, _ site: ControlPlaneSite, _ page: PodSandbox, _ pods: [PodSandbox]
    ) async throws {
        // A second version of the reviews: both are asked.
        let second = try await mesh.start(4, "reviews", "v2", .grpc, asking: "ratings")
        let seen = Journal<String>()
        try await eventually("both versions answer") {
            if let served = try? await mesh.ask(page).headers["served"], served.count == 3 { seen.add(served[1]) }
            return Set(seen.entries).isSuperset(of: ["reviews-v1", "reviews-v2"])
        }
        // The first is not ready any more: the page's sidecar has one endpoint less.
        let cluster = "outbound|9080||reviews.\(mesh.bookinfo.namespace).svc.cluster.local"
        @Sendable func endpoints() async throws -> Set<String> {
            let lines = (try await page.admin("/clusters") ?? "").split(separator: "\n")
            return Set(
                lines.filter { $0.hasPrefix("\(cluster)::198.") && $0.contains("::cx_active::") }
                    .compactMap { $0.dropFirst(cluster.count + 2).split(separator: ":").first.map(String.init) })
        }
        #expect(try await endpoints() == [pods[1].address, second.address])
        let first = try await mesh.bookinfo.run("reviews", "v1", at: pods[1].address)
        try await mesh.bookinfo.tell(first, address: pods[1].address, isReady: false)
        try await eventually("the endpoint is gone") { try await endpoints() == [second.address] }
        #expect(try await mesh.ask(page).headers["served"] == ["ratings-v1", "reviews-v2", "productpage-v1"])
        for pod in pods + [second] { try await expectNoRefusal(of: pod) }
    }

    @Test func envoysServeOnWhileTheControlPlaneRestarts() async throws {
        try await ControlPlaneSite.with { site in
            try await withMesh(site) { mesh in
                let pods = Journal<PodSandbox>()
                try await site.withReplica("istiod-1", configure: mesh.configure) { replica in
                    try await replica.waitUntilReady()
                    pods.add(try await mesh.start(1, "ratings", "v1", .deltaGrpc))
                    pods.add(try await mesh.start(2, "reviews", "v1", .grpc, asking: "ratings"))
                    try await explained(pods.entries) {
                        try await eventually("the reviews answer") {
                            (try? await mesh.ask(pods.entries[1]).status) == 200
                        }
                    }
                    try await eventually("both are connected") { replica.controlPlane.streams.count == 2 }
                }
                // Nobody is there: what was there serves.
                let reviews = pods.entries[1]
                for _ in 0..<20 { #expect(try await mesh.ask(reviews).status == 200) }
                try await site.withReplica("istiod-2", configure: mesh.configure) { replica in
                    try await replica.waitUntilReady()
                    for _ in 0..<20 { #expect(try await mesh.ask(reviews).status == 200) }
                    try await eventually("both are back") {
                        replica.controlPlane.streams.connections().count { $0.status.isSynced } == 2
                    }
                    // The new one is followed.
                    let third = try await mesh.start(3, "ratings", "v1", .deltaGrpc)
                    let name = "outbound|9080||ratings.\(mesh.bookinfo.namespace).svc.cluster.local"
                    try await eventually("the new endpoint is known") {
                        (try await reviews.admin("/clusters") ?? "").contains("\(name)::\(third.address):9080")
                    }
                    for pod in pods.entries { try await self.expectNoRefusal(of: pod) }
                }
            }
        }
    }

    /// Kinds that are installed while it runs count from then on, and no longer when they are taken away.
    @Test func followsKindsThatAreInstalledLater() async throws {
        try await ControlPlaneSite.with { site in
            try await withMesh(site) { mesh in
                let client = site.cluster.client
                let definition = UnstructuredObject(CustomResource.virtualService.definition(hasRules: false))
                // Another test may have left it.
                _ = try await client.delete(.customResourceDefinitions, definition.key)
                try await client.wait(.customResourceDefinitions, definition.key, "its end") { $0 == nil }
                try await site.withReplica("istiod-1", configure: mesh.configure) { replica in
                    // Missing kinds are no reason to wait.
                    try await replica.waitUntilReady()
                    let ratings = try await mesh.start(1, "ratings", "v1", .deltaGrpc)
                    let reviews = try await mesh.start(2, "reviews", "v1", .grpc, asking: "ratings")
                    try await explained([ratings, reviews]) {
                        try await eventually("the reviews answer") {
                            let answer = try? await mesh.ask(reviews)
                            return answer?.headers["served"] == ["ratings-v1", "reviews-v1"]
                        }
                        _ = try await client.create(
                            .customResourceDefinitions, definition, fieldManager: "kubectl")
                        try await replica.log.wait(for: "the kind is watched") { entries in
                            entries.contains { $0.text.contains("Kind is watched") }
                        }
                        let route = UnstructuredObject([
                            "apiVersion": "networking.istio.io/v1", "kind": "VirtualService",
                            "metadata": ["name": "ratings", "namespace": .string(mesh.bookinfo.namespace)],
                            "spec": [
                                "hosts": ["ratings"],
                                "http": [["directResponse": ["status": 418], "name": "teapot"]],
                            ],
                        ])
                        let virtualServices = APIResource(
                            group: "networking.istio.io", version: "v1", kind: "VirtualService",
                            plural: "virtualservices", isNamespaced: true)
                        try await eventually("the kind is served") {
                            (try? await client.apply(virtualServices, route, fieldManager: "kubectl", force: true))
                                != nil
                        }
                        try await eventually("the route is followed") {
                            try await mesh.ask(reviews).status == 418
                        }
                        _ = try await client.delete(.customResourceDefinitions, definition.key)
                        try await eventually("the route is gone with its kind") {
                            try await mesh.ask(reviews).status == 200
                        }
                        for pod in [ratings, reviews] { try await expectNoRefusal(of: pod) }
                    }
                }
            }
        }
    }

    /// Objects that say nonsense are told, and the others count.
    @Test func anInvalidObjectStopsNobody() async throws {
        try await ControlPlaneSite.with { site in
            try await withMesh(site) { mesh in
                _ = try await site.cluster.client.apply(
                    .configMaps,
                    configMap("istio", in: site.namespace, ["mesh": "connectTimeout: never\naccessLogFile: ''"]),
                    fieldManager: "t", force: true)
                try await site.withReplica("istiod-1", configure: mesh.configure) { replica in
                    try await replica.waitUntilReady()
                    let ratings = try await mesh.start(1, "ratings", "v1", .deltaGrpc)
                    try await eventually("the ratings answer") { (try? await mesh.ask(ratings).status) == 200 }
                    let diagnostics = await replica.controlPlane.discovery.diagnostics
                    #expect(diagnostics.keys.map(\.description) == ["ConfigMap \(site.namespace)/istio"])
                    try await replica.log.wait(for: "a word about it") { entries in
                        entries.contains {
                            $0.level >= Logger.Level.warning && $0.text.contains("data.mesh.connectTimeout")
                        }
                    }
                    // The settings are followed while it runs: a cluster's own time to connect.
                    _ = try await site.cluster.client.apply(
                        .configMaps, configMap("istio", in: site.namespace, ["mesh": "connectTimeout: 3s"]),
                        fieldManager: "t", force: true)
                    try await eventually("the Envoy has the new settings") {
                        (try await ratings.admin("/config_dump?resource=dynamic_active_clusters") ?? "")
                            .contains("\"connect_timeout\": \"3s\"")
                    }
                    #expect(await replica.controlPlane.discovery.diagnostics == [:])
                    try await self.expectNoRefusal(of: ratings)
                }
            }
        }
    }
}

/// Why a test cannot go on.
private struct TestFailure: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}
