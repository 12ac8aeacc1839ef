import Authentication
import ControlPlane
import DebugPages
import DiscoveryServer
import EnvoyAPI
import FoundationEssentials
import GRPCCore
import KubernetesModel
import MeshModel
import MeshTranslator
import Observability
import SwiftProtobuf
import Testing
import XDSServer

/// What people see, of real streams.
@Suite struct DebugPagesTests {
    private static let site = DebugSite(revision: "1-29", namespace: "istio-system", identity: "istiod-1")
    private static let cluster = "outbound|80||reviews.default.svc.cluster.local"

    private func cache() throws -> ResourceCache {
        let cluster = Envoy_Config_Cluster_V3_Cluster.with { $0.name = Self.cluster }
        let assignment = Envoy_Config_Endpoint_V3_ClusterLoadAssignment.with { $0.clusterName = Self.cluster }
        let secret = Envoy_Extensions_TransportSockets_Tls_V3_Secret.with {
            $0.name = "kubernetes://credential"
            $0.tlsCertificate.privateKey.inlineString = "the private key"
        }
        return ResourceCache([
            .cluster: ResourceSnapshot([Resource(name: Self.cluster, body: try cluster.stableBytes())]),
            .endpoint: ResourceSnapshot([Resource(name: Self.cluster, body: try assignment.stableBytes())]),
            .secret: ResourceSnapshot([Resource(name: secret.name, body: try secret.stableBytes())]),
        ])
    }

    /// One connected proxy that has acknowledged its clusters and endpoints, and `body` that asks for pages.
    private func withProxy(
        refusals: [String: String] = [:], change: @escaping @Sendable (inout MadeUpState) -> Void = { _ in },
        body: @escaping @Sendable (_ page: @Sendable (String) async throws -> JSONValue) async throws -> Void
    ) async throws {
        let cache = try cache()
        try await withDiscovery(StaticSource(cache)) { service, port in
            var state = MadeUpState(streams: service.streams, cache: cache)
            change(&state)
            let debugging = ControlPlaneDebugging(site: Self.site, now: { .now })
            debugging.open(
                state, access: DebugAccess(tokens: FakeReviews(), access: FakeReviews()),
                certificate: try TestMesh().serving.http)
            let routes = debugging.surface.routes
            try await TestProxy.connect(
                port: port, [TestProxy.request(.cluster), TestProxy.request(.endpoint, [Self.cluster])],
                refusals: refusals
            ) { _ in
                try await eventually("answers are in") {
                    service.streams.connections().first?.status.types.count == 2
                        && service.streams.connections().first?.status.types.allSatisfy {
                            $0.acknowledged != nil || $0.rejection != nil
                        } ?? false
                }
                try await body { target in
                    let reply = await routes.reply(to: HTTPRequestView(method: "GET", target: "/debug/\(target)"))
                    guard reply.status == 200 else { throw WrongStatus(reply: reply) }
                    return try JSONValue(parsing: reply.body)
                }
            }
        }
    }

    struct WrongStatus: Error { var reply: HTTPReply }

    @Test func synczTellsWhatWasAcknowledged() async throws {
        let versions = try cache()
        try await withProxy { page in
            let list = try await page("syncz")
            let entry = try #require(list.array?.first)
            #expect(list.array?.count == 1)
            #expect(entry["proxy"] == "reviews-1.default")
            #expect(entry["node"] == .string(TestProxy.node))
            #expect(entry["proxy_type"] == "sidecar")
            #expect(entry["istio_version"] == "1.29.0")
            #expect(entry["cluster_id"] == "Kubernetes")
            #expect(entry["revision"] == "1-29")
            #expect(entry["synced"] == true)
            // What istioctl compares.
            #expect(entry["cluster_sent"]?.string != nil)
            #expect(entry["cluster_sent"] == entry["cluster_acked"])
            #expect(entry["endpoint_sent"] == entry["endpoint_acked"])
            #expect(entry["listener_sent"] == nil)
            // What the operator compares among replicas.
            let clusters = try #require(entry["types", TypeURL.cluster.rawValue])
            #expect(clusters["state"] == "SYNCED")
            #expect(clusters["acked", "version"] == .string("\(versions[.cluster].version)"))
            #expect(clusters["current"] == clusters["acked", "version"])
            let version = versions[.endpoint].version(of: Self.cluster)
            #expect(entry["endpoints"] == .object([Self.cluster: .string("\(version)")]))
        }
    }

    @Test func synczCanBeNarrowed() async throws {
        try await withProxy { page in
            let one = try await page("syncz?proxyID=reviews-1.default")
            #expect(one.array?.count == 1)
            #expect(try await page("syncz?proxyID=other.default").array?.isEmpty == true)
            #expect(try await page("syncz?endpoints=false").array?.first?["endpoints"] == nil)
            let host = "reviews.default.svc.cluster.local"
            #expect(try await page("syncz?service=\(host)").array?.first?["endpoints"]?.object?.count == 1)
            #expect(try await page("syncz?service=default.svc.cluster.local").array?.first?["endpoints"] == [:])
        }
    }

    @Test func refusalsAndFaultsAreTold() async throws {
        let object = ObjectReference(
            GroupKind(group: "networking.istio.io", kind: "VirtualService"), ObjectKey(namespace: "a", name: "b"))
        try await withProxy(refusals: [TypeURL.cluster.rawValue: "no such thing"]) {
            $0.problems = [object: [Diagnostic(path: "spec.http", message: "is missing")]]
        } body: { page in
            let entry = try #require(try await page("syncz").array?.first)
            #expect(entry["synced"] == false)
            #expect(entry["cluster_acked"] == nil)
            #expect(entry["types", TypeURL.cluster.rawValue, "state"] == "ERROR")
            #expect(entry["types", TypeURL.cluster.rawValue, "rejected", "message"] == "no such thing")
            let status = try await page("push_status")
            #expect(status["rejected"]?.array?.first?["proxy"] == "reviews-1.default")
            #expect(status["rejected"]?.array?.first?["message"] == "no such thing")
            #expect(status["diagnostics"]?.array?.first?["object"] == "VirtualService a/b")
            #expect(status["diagnostics"]?.array?.first?["path"] == "spec.http")
        }
    }

    @Test func configDumpIsEnvoysAndHoldsNoSecret() async throws {
        try await withProxy { page in
            for name in ["reviews-1.default", TestProxy.node.replacing("~", with: "%7E")] {
                let dump = try await page("config_dump?proxyID=\(name)")
                let sections = try #require(dump["configs"]?.array)
                let types = sections.compactMap { $0["@type"]?.string }
                #expect(types.contains("type.googleapis.com/envoy.admin.v3.ClustersConfigDump"))
                let clusters = sections.compactMap { $0["dynamic_active_clusters"]?.array }.first
                #expect(clusters?.first?["cluster", "name"] == .string(Self.cluster))
                let secrets = sections.compactMap { $0["dynamic_active_secrets"]?.array }.first
                #expect(secrets?.first?["name"] == "kubernetes://credential")
                #expect(!dump.jsonText.contains("the private key"))
            }
            #expect(
                try await page("edsz?proxyID=reviews-1.default").array?.first?["cluster_name"] == .string(Self.cluster))
        }
    }

    @Test func aProxyHasToBeNamedAndThere() async throws {
        try await withProxy { page in
            for (target, status) in [("config_dump", 400), ("edsz?proxyID=", 400), ("config_dump?proxyID=a.b", 404)] {
                let error = await #expect(throws: WrongStatus.self) { _ = try await page(target) }
                #expect(error?.reply.status == status)
            }
        }
    }

    @Test func theMeshIsShown() async throws {
        let key = ServiceKey(hostname: "reviews.default.svc.cluster.local", namespace: "default")
        try await withProxy { state in
            state.mesh.services[key] = MeshService(
                name: "reviews", namespace: "default", hostname: key.hostname, addresses: ["10.1.0.1"],
                ports: [ServicePort(name: "http", number: 80, meshProtocol: .http)])
            state.mesh.endpoints[EndpointKey(service: key, portName: "http")] = EndpointSet([
                Endpoint(address: "10.0.0.1", port: 8080)
            ])
            state.meshConfig = "accessLogFile: /dev/stdout\ntrustDomain: ignored\n"
        } body: { page in
            let service = try await page("registryz").array?.first
            #expect(service?["hostname"] == .string(key.hostname))
            #expect(service?["ports"]?.array?.first?["port"] == 80)
            #expect(try await page("endpointz").array?.first?["svc"] == .string("\(key.hostname):http"))
            #expect(try await page("endpointz?service=\(key.hostname)").array?.count == 1)
            #expect(try await page("endpointz?service=other").array?.isEmpty == true)
            let instances = try await page("instancesz")["reviews-1.default"]?.array
            #expect(instances?.map { $0["port"] } == [8080])
            let mesh = try await page("mesh")
            #expect(mesh["accessLogFile"] == "/dev/stdout")
            #expect(mesh["trustDomain"] == "cluster.local")
            #expect(try await page("clusterz").array?.first?["id"] == "Kubernetes")
            #expect(try await page("connections")["totalClients"] == 1)
            #expect(try await page("adsz")["clients"]?.array?.first?["watches"]?.object?.count == 2)
        }
    }

    @Test func configurationIsShownWithoutCopiesOfItself() async throws {
        var metadata = ObjectMeta(name: "reviews", namespace: "default")
        metadata.annotations = ["kubectl.kubernetes.io/last-applied-configuration": "{}", "kept": "yes"]
        let object = ConfigurationObject(
            groupKind: GroupKind(group: "networking.istio.io", kind: "VirtualService"), metadata: metadata,
            spec: ["hosts": ["reviews"]])
        try await withProxy {
            $0.objects = [object.reference: object]
        } body: { page in
            let shown = try await page("configz").array?.first
            #expect(shown?["kind"] == "VirtualService")
            #expect(shown?["metadata", "annotations"] == ["kept": "yes"])
            #expect(shown?["spec"] == ["hosts": ["reviews"]])
            #expect(try await page("configz?kind=gateway").array?.isEmpty == true)
            #expect(try await page("configz?kind=virtualservice&namespace=default").array?.count == 1)
        }
    }

    /// Every page the index names answers.
    @Test func thePagesOfTheIndexAreThere() async throws {
        try await withProxy { page in
            let names = try await page("list").array?.compactMap(\.string) ?? []
            #expect(names.contains("syncz"))
            #expect(names.count > 10)
            for name in names { _ = try await page("\(name)?proxyID=reviews-1.default") }
        }
    }

    /// Before there is anything to see pages say so.
    @Test func beforeTheStartThereIsNothing() async throws {
        let surface = ControlPlaneDebugging(site: Self.site, now: { .now }).surface
        let reply = await surface.routes.reply(to: HTTPRequestView(method: "GET", target: "/debug/syncz"))
        #expect(reply.status == 404)
        let index = await surface.routes.reply(to: HTTPRequestView(method: "GET", target: "/debug"))
        #expect(String(decoding: index.body, as: UTF8.self).contains("/debug/syncz"))
    }
}

/// What Envoy hides in its own dumps is hidden in ours, however it is spelled.
@Suite struct SecretRedactionTests {
    @Test func privateKeysAreTakenOutWhereverTheyStand() throws {
        KnownTypes.register()
        let cluster = try Envoy_Config_Cluster_V3_Cluster(
            jsonString: """
                {"name": "c", "transportSocket": {"name": "tls", "typedConfig": {
                  "@type": "type.googleapis.com/xds.type.v3.TypedStruct", "typeUrl": "t",
                  "value": {"common": {"private_key": {"inline_string": "one"}, "list": [{"privateKey": "two"}],
                    "password": {"inline_string": "three"}, "trusted_ca": "kept"}}}}}
                """)
        let cache = ResourceCache([
            .cluster: ResourceSnapshot([Resource(name: "c", body: try cluster.stableBytes())])
        ])
        let text = EnvoyDump.configurations(cache).jsonText
        for secret in ["one", "two", "three"] { #expect(!text.contains("\"\(secret)\"")) }
        #expect(text.contains("kept"))
    }
}
