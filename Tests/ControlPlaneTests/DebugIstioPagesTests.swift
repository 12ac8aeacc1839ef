import Authentication
import ControlPlane
import DebugPages
import DiscoveryServer
import FoundationEssentials
import KubernetesModel
import MeshDiscovery
import MeshModel
import MeshTranslator
import Observability
import Synchronization
import Testing
import XDSServer

/// Pages in the shapes that people's tools know from Istio.
@Suite(.timeLimit(.minutes(2))) struct DebugIstioPagesTests {
    /// One connected proxy, and `body` that asks for pages.
    private func withProxy(
        allowsUnsafe: Bool = false, change: @escaping @Sendable (inout MadeUpState) -> Void = { _ in },
        body: @escaping @Sendable (_ page: @Sendable (String) async throws -> HTTPReply) async throws -> Void
    ) async throws {
        let cache = ResourceCache([.cluster: ResourceSnapshot([])])
        try await withDiscovery(StaticSource(cache)) { service, port in
            var state = MadeUpState(streams: service.streams)
            change(&state)
            let site = DebugSite(
                revision: "default", namespace: "istio-system", identity: "istiod-1", allowsUnsafe: allowsUnsafe)
            let debugging = ControlPlaneDebugging(site: site, now: { .now })
            debugging.open(
                state, access: DebugAccess(tokens: FakeReviews(), access: FakeReviews()),
                certificate: try TestMesh().serving.http)
            let routes = debugging.surface.routes
            try await TestProxy.connect(port: port, [TestProxy.request(.cluster)]) { _ in
                try await body { await routes.reply(to: HTTPRequestView(method: "GET", target: "/debug/\($0)")) }
            }
        }
    }

    private static func json(_ reply: HTTPReply) throws -> JSONValue {
        #expect(reply.status == 200)
        return try JSONValue(parsing: reply.body)
    }

    private static func object(_ group: String, _ kind: String, in namespace: String, _ spec: JSONValue) -> (
        ObjectReference, ConfigurationObject
    ) {
        let object = ConfigurationObject(
            groupKind: GroupKind(group: group, kind: kind), metadata: ObjectMeta(name: "a", namespace: namespace),
            spec: spec)
        return (object.reference, object)
    }

    @Test func policiesAreListedByNamespace() async throws {
        try await withProxy { state in
            for namespace in ["istio-system", "default", "other"] {
                let policy = Self.object(
                    "security.istio.io", "AuthorizationPolicy", in: namespace, ["action": "DENY"])
                let telemetry = Self.object("telemetry.istio.io", "Telemetry", in: namespace, ["metrics": []])
                state.objects[policy.0] = policy.1
                state.objects[telemetry.0] = telemetry.1
            }
        } body: { page in
            let all = try Self.json(await page("authorizationz"))["authorization_policies"]
            #expect(all?["root_namespace"] == "istio-system")
            #expect(all?["namespace_to_policies"]?.object?.keys.sorted() == ["default", "istio-system", "other"])
            #expect(
                all?["namespace_to_policies", "other"]
                    == [["name": "a", "namespace": "other", "spec": ["action": "DENY"]]])
            let own = try Self.json(await page("authorizationz?proxyID=reviews-1.default"))
            let namespaces = own["authorization_policies", "namespace_to_policies"]?.object?.keys.sorted()
            #expect(namespaces == ["default", "istio-system"])
            let telemetries = try Self.json(await page("telemetryz"))["telemetries", "namespace_to_telemetries"]
            #expect(telemetries?.object?.count == 3)
            let context = try Self.json(await page("pushcontext"))
            #expect(context["AuthorizationPolicies"] == all)
        }
    }

    @Test func networksAndShardsAreShown() async throws {
        let key = ServiceKey(hostname: "reviews.default.svc.cluster.local", namespace: "default")
        try await withProxy { state in
            state.mesh.topology = MeshTopology(
                gateways: ["far": [NetworkGateway(address: "1.1.1.1", port: 15443)]], gatewayNames: ["lb.example"])
            state.mesh.services[key] = MeshService(
                name: "reviews", namespace: "default", hostname: key.hostname, addresses: ["10.1.0.1"])
            var near = Endpoint(address: "10.0.0.1", port: 8080)
            near.identity = WorkloadIdentity(namespace: "default", serviceAccount: "reviews")
            near.podName = "reviews-1"
            var far = Endpoint(address: "10.9.0.1", port: 8080, health: .unready)
            far.clusterID = "other"
            far.podName = "reviews-2"
            state.mesh.endpoints[EndpointKey(service: key, portName: "http")] = EndpointSet([near, far])
        } body: { page in
            let gateways = try Self.json(await page("networkz"))
            #expect(gateways == [["Network": "far", "Addr": "1.1.1.1", "Port": 15443, "HBONEPort": 0]])
            let context = try Self.json(await page("pushcontext"))
            #expect(context["NetworkGateways", "far"] == gateways)
            #expect(context["UnresolvedGateways"]?.array?.first?["Addr"] == "lb.example")
            let shards = try Self.json(await page("endpointShardz"))[key.hostname, "default"]
            #expect(shards?["Shards"]?.object?.keys.sorted() == ["Kubernetes/Kubernetes", "Kubernetes/other"])
            let first = shards?["Shards", "Kubernetes/Kubernetes"]?.array?.first
            #expect(first?["Addresses"] == ["10.0.0.1"] && first?["EndpointPort"] == 8080)
            #expect(first?["HealthStatus"] == 0)
            #expect(shards?["Shards", "Kubernetes/other"]?.array?.first?["HealthStatus"] == 1)
            #expect(shards?["ServiceAccounts"] == ["spiffe://cluster.local/ns/default/sa/reviews"])
            #expect(try Self.json(await page("endpointShardz?service=other")) == [:])
            #expect(try Self.json(await page("mcsz")) == [])
        }
    }

    @Test func whatIsKeptAndWatchedIsShown() async throws {
        try await withProxy { state in
            state.kept = [
                KeptResource(typeURL: "type.a", name: "two", bytes: 5),
                KeptResource(typeURL: "type.a", name: "one", bytes: 7),
                KeptResource(typeURL: "type.b", name: "three", bytes: 11),
            ]
            state.watched = [
                APIResource(
                    group: "networking.istio.io", version: "v1", kind: "Gateway", plural: "gateways",
                    isNamespaced: true)
            ]
            let gateway = Self.object("networking.istio.io", "Gateway", in: "default", ["servers": []])
            state.objects[gateway.0] = gateway.1
            state.templates = ["sidecar": "spec: {}"]
        } body: { page in
            #expect(try Self.json(await page("cachez")) == ["type.a": ["one", "two"], "type.b": ["three"]])
            #expect(try Self.json(await page("cachez?sizes=true")) == ["type.a": 12, "type.b": 11])
            #expect(try await page("cachez?clear=true").status == 400)
            #expect(
                try Self.json(await page("resourcesz"))
                    == [["group": "networking.istio.io", "version": "v1", "kind": "Gateway"]])
            let configured = try Self.json(await page("configz")).array?.first
            #expect(configured?["apiVersion"] == "networking.istio.io/v1" && configured?["kind"] == "Gateway")
            #expect(try Self.json(await page("inject")) == ["sidecar": "spec: {}"])
            #expect(try Self.json(await page("ndsz?proxyID=reviews-1.default")) == ["table": [:]])
        }
        try await withProxy {
            $0.templates = nil
        } body: { page in
            let reply = try await page("inject")
            #expect(reply.status == 404)
        }
    }

    @Test func whatAProxyReachesIsShown() async throws {
        let key = ServiceKey(hostname: "reviews.default.svc.cluster.local", namespace: "default")
        let sidecar = Self.object("networking.istio.io", "Sidecar", in: "default", ["egress": [["hosts": ["./*"]]]])
        try await withProxy { state in
            state.mesh.services[key] = MeshService(
                name: "reviews", namespace: "default", hostname: key.hostname, addresses: ["10.1.0.1"])
            state.objects[sidecar.0] = sidecar.1
            state.scope.sidecar = sidecar.0
        } body: { page in
            let shown = try Self.json(await page("sidecarz?proxyID=reviews-1.default"))
            #expect(shown["name"] == "a" && shown["namespace"] == "default")
            #expect(shown["services"]?.array?.map { $0["hostname"] } == [.string(key.hostname)])
            #expect(shown["sidecar"] == sidecar.1.spec)
            #expect(shown["outboundTrafficPolicy", "mode"] == "ALLOW_ANY")
            #expect(try await page("sidecarz").status == 400)
            #expect(try await page("sidecarz?proxyID=a.b").status == 404)
        }
    }

    /// It changes something: only where that is allowed.
    @Test func proxiesAreDisconnectedWhereThatIsAllowed() async throws {
        try await withProxy { page in
            let reply = try await page("force_disconnect?proxyID=reviews-1.default")
            #expect(reply.status == 403)
            #expect(try Self.json(await page("connections"))["totalClients"] == 1)
            #expect(try Self.json(await page("list")).array?.contains("force_disconnect") == false)
        }
        let isOver = Mutex(false)
        // However the server ends the stream, it is what the client is told.
        try? await withProxy(allowsUnsafe: true) { page in
            #expect(try await page("force_disconnect?proxyID=a.b").status == 404)
            #expect(try await page("force_disconnect?proxyID=reviews-1.default").status == 200)
            try await eventually("nobody is connected") {
                try Self.json(await page("connections"))["totalClients"] == 0
            }
            isOver.withLock { $0 = true }
        }
        #expect(isOver.withLock { $0 })
    }
}
