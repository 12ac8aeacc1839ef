import ControlPlane
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import Testing

extension OwnClusterTests {
    /// What Ingresses of a real API server are told of where they are reached.
    @Suite struct ControlPlaneIngressTests {
        private static let ingresses = APIResource(
            group: "networking.k8s.io", version: "v1", kind: "Ingress", plural: "ingresses", isNamespaced: true)

        private func ingress(_ site: ControlPlaneSite, _ name: String, class className: String) -> UnstructuredObject {
            UnstructuredObject([
                "apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
                "metadata": [
                    "name": .string(name), "namespace": .string(site.namespace),
                    "annotations": ["kubernetes.io/ingress.class": .string(className)],
                ],
                "spec": ["defaultBackend": ["service": ["name": "web", "port": ["number": 80]]]],
            ])
        }

        private func balance(_ site: ControlPlaneSite, _ ingress: JSONValue) async throws {
            _ = try await site.cluster.client.patch(
                .services, site.key("istio-ingressgateway"),
                .merge(["status": ["loadBalancer": ["ingress": ingress]]]), fieldManager: "t", subresource: "status")
        }

        @Test func ingressesSayWhereTheyAreReached() async throws {
            try await ControlPlaneSite.with { site in
                let client = site.cluster.client
                let service = UnstructuredObject([
                    "apiVersion": "v1", "kind": "Service",
                    "metadata": ["name": "istio-ingressgateway", "namespace": .string(site.namespace)],
                    "spec": ["type": "LoadBalancer", "ports": [["port": 80]]],
                ])
                _ = try await client.create(.services, service, fieldManager: "t")
                try await balance(site, [["ip": "203.0.113.9"]])
                _ = try await client.create(Self.ingresses, ingress(site, "old", class: "istio"), fieldManager: "t")
                _ = try await client.create(Self.ingresses, ingress(site, "foreign", class: "other"), fieldManager: "t")
                @Sendable func wait(_ name: String, for wanted: [JSONValue]) async throws {
                    try await client.wait(Self.ingresses, site.key(name), "\(wanted)", within: .seconds(90)) { object in
                        (object?.json["status", "loadBalancer", "ingress"]?.array ?? []) == wanted
                    }
                }
                try await site.withReplica("istiod-1") { replica in
                    try await replica.waitUntilReady()
                    try await wait("old", for: [["ip": "203.0.113.9"]])
                    // One that comes later.
                    _ = try await client.create(Self.ingresses, ingress(site, "new", class: "istio"), fieldManager: "t")
                    try await wait("new", for: [["ip": "203.0.113.9"]])
                    // The balancer's address is another one.
                    try await balance(site, [["hostname": "edge.example"], ["ip": "203.0.113.10"]])
                    for name in ["old", "new"] {
                        try await wait(name, for: [["ip": "203.0.113.10"], ["hostname": "edge.example"]])
                    }
                    _ = try await client.delete(.services, site.key("istio-ingressgateway"))
                    for name in ["old", "new"] { try await wait(name, for: []) }
                    let foreign = try await client.get(Self.ingresses, site.key("foreign"))
                    let told = foreign.json["status", "loadBalancer", "ingress"]?.array
                    #expect(told == nil || told == [])
                }
            }
        }
    }
}
