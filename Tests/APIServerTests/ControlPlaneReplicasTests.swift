import ControlPlane
import DiscoveryServer
import EnvoyAPI
import EnvoyTesting
import IstioAPI
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import MeshControllers
import NIOHTTP1
import Testing

/// Several control planes at once: each serves its proxies, one writes statuses.
extension OwnClusterTests.ControlPlaneTrafficTests {
    private static let virtualServices = APIResource(
        group: "networking.istio.io", version: "v1", kind: "VirtualService", plural: "virtualservices",
        isNamespaced: true)

    private func virtualService(_ mesh: Mesh, regex: String) -> UnstructuredObject {
        UnstructuredObject([
            "apiVersion": "networking.istio.io/v1", "kind": "VirtualService",
            "metadata": ["name": "told", "namespace": .string(mesh.bookinfo.namespace)],
            "spec": [
                "hosts": ["ratings"],
                "http": [
                    ["match": [["uri": ["regex": .string(regex)]]], "directResponse": ["status": 418]],
                    ["route": [["destination": ["host": "ratings"]]]],
                ],
            ],
        ])
    }

    private func waitForCondition(_ status: String, _ mesh: Mesh, _ client: KubernetesClient) async throws {
        let key = ObjectKey(namespace: mesh.bookinfo.namespace, name: "told")
        try await client.wait(Self.virtualServices, key, "condition \(status)", within: .seconds(90)) { object in
            (object?.json["status", "conditions"]?.array ?? []).contains {
                $0["type"]?.string == ConfigurationStatus.conditionType && $0["status"]?.string == status
            }
        }
    }

    @Test func replicasServeTogetherAndOneWritesStatuses() async throws {
        try await ControlPlaneSite.with { site in
            try await withMesh(site) { mesh in
                let client = site.cluster.client
                let definition = UnstructuredObject(CustomResource.virtualService.definition(hasRules: false))
                _ = try await client.apply(
                    .customResourceDefinitions, definition, fieldManager: "kubectl", force: true)
                try await client.wait(.customResourceDefinitions, definition.key, "established") { found in
                    (found?.json["status", "conditions"]?.array ?? []).contains {
                        $0["type"] == "Established" && $0["status"] == "True"
                    }
                }
                var other = mesh
                other.port = try RunningProgram.freePort()
                let second = other
                let pods = Journal<PodSandbox>()
                try await site.withReplica("istiod-2", configure: second.configure) { survivor in
                    try await site.withReplica("istiod-1", configure: mesh.configure) { replica in
                        try await replica.waitUntilReady()
                        try await survivor.waitUntilReady()
                        pods.add(try await mesh.start(1, "ratings", "v1", .deltaGrpc))
                        pods.add(try await second.start(2, "reviews", "v1", .grpc, asking: "ratings"))
                        try await explained(pods.entries) {
                            try await eventually("the reviews answer") {
                                (try? await mesh.ask(pods.entries[1]).headers["served"]) == [
                                    "ratings-v1", "reviews-v1",
                                ]
                            }
                        }
                        // Each has the one that connected to it.
                        #expect(replica.controlPlane.streams.count == 1)
                        #expect(survivor.controlPlane.streams.count == 1)
                        _ = try await client.apply(
                            Self.virtualServices, virtualService(mesh, regex: "/a(b"), fieldManager: "t", force: true)
                        try await waitForCondition("False", mesh, client)
                    }
                    // Whoever led: the one that is left writes now, and serves what changes.
                    _ = try await client.apply(
                        Self.virtualServices, virtualService(mesh, regex: "/.*"), fieldManager: "t", force: true)
                    try await waitForCondition("True", mesh, client)
                    try await eventually("the route is followed") {
                        try await mesh.ask(pods.entries[1]).status == 418
                    }
                }
                _ = try await client.delete(.customResourceDefinitions, definition.key)
            }
        }
    }
}
