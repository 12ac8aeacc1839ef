import ControlPlane
import KubernetesModel
import MeshDiscovery
import MeshModel
import MeshTranslator
import Observability
import Testing

@Suite("Metrics of the mesh, as people's boards ask for them") struct MeshMetricsTests {
    private func service(_ name: String) throws -> ServiceObject {
        let json: JSONValue = [
            "metadata": ["namespace": "default", "name": .string(name)],
            "spec": ["clusterIP": "10.1.0.1", "ports": [["name": "http", "port": 80]]],
        ]
        return try JSONValueDecoder().decode(ServiceObject.self, from: json)
    }

    @Test func changesAreCountedByKindAndByWhatBecameOfThem() async throws {
        let registry = MetricsRegistry()
        let discovery = MeshDiscovery(settings: MeshSettings(), metrics: MeshMetrics(registry), logger: silent)
        let key = ObjectKey(namespace: "default", name: "a")
        let gateway = ConfigurationObject(
            groupKind: GroupKind(group: "networking.istio.io", kind: "Gateway"),
            metadata: ObjectMeta(name: "a", namespace: "default"), spec: ["servers": []])
        let changes: [[ObjectChange]] = [
            [.service(key, try service("a")), .configuration(gateway.reference, gateway)],
            [.service(key, try service("a"))],
            [.service(key, nil), .configuration(gateway.reference, nil)],
            [.remote(clusterID: "other", .service(key, try service("a")))],
        ]
        for batch in changes { await discovery.apply(batch, since: .now) }
        let lines = Set(registry.prometheusText().split(separator: "\n").map(String.init))
        for line in [
            #"pilot_inbound_updates{type="svc"} 3"#, #"pilot_inbound_updates{type="svcdelete"} 1"#,
            #"pilot_inbound_updates{type="config"} 2"#,
            #"pilot_k8s_reg_events{event="add",type="Services"} 2"#,
            #"pilot_k8s_reg_events{event="update",type="Services"} 1"#,
            #"pilot_k8s_reg_events{event="delete",type="Services"} 1"#,
            #"pilot_k8s_cfg_events{event="add",type="Gateway"} 1"#,
            #"pilot_k8s_cfg_events{event="delete",type="Gateway"} 1"#,
        ] { #expect(lines.contains(line), "\(line): \(lines.filter { $0.hasPrefix("pilot_") }.sorted())") }
        // Nobody was connected.
        #expect(!lines.contains { $0.hasPrefix("pilot_push_triggers{") })
    }

    @Test func portsWithoutEndpointsAndEndpointsThatAreNotReady() {
        var mesh = MeshSnapshot()
        let key = ServiceKey(hostname: "a.default.svc.cluster.local", namespace: "default")
        mesh.services[key] = MeshService(
            name: "a", namespace: "default", hostname: key.hostname,
            ports: [
                ServicePort(name: "http", number: 80, meshProtocol: .http),
                ServicePort(name: "tcp", number: 81, meshProtocol: .tcp),
            ])
        let other = ServiceKey(hostname: "b.default.svc.cluster.local", namespace: "default")
        mesh.services[other] = MeshService(
            name: "b", namespace: "default", hostname: other.hostname, resolution: .externalName("example.com"),
            ports: [ServicePort(name: "http", number: 80, meshProtocol: .http)])
        #expect(EndpointCounts(mesh).empty == 2)
        mesh.endpoints[EndpointKey(service: key, portName: "http")] = EndpointSet([
            Endpoint(address: "10.0.0.1", port: 8080), Endpoint(address: "10.0.0.2", port: 8080, health: .unready),
        ])
        let counts = EndpointCounts(mesh)
        #expect(counts.empty == 1 && counts.unready == 1)
    }
}
