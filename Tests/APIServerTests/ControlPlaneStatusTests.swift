import ControlPlane
import IstioAPI
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import MeshControllers
import Testing

extension OwnClusterTests {
    /// What the objects of a real API server are told about themselves.
    @Suite struct ControlPlaneStatusTests {
        private static let resource = APIResource(
            group: "networking.istio.io", version: "v1", kind: "VirtualService", plural: "virtualservices",
            isNamespaced: true)

        private func virtualService(_ site: ControlPlaneSite, timeout: String, prefix: String) -> UnstructuredObject {
            UnstructuredObject([
                "apiVersion": "networking.istio.io/v1", "kind": "VirtualService",
                "metadata": ["namespace": .string(site.namespace), "name": "told"],
                "spec": [
                    "hosts": ["reviews"],
                    "http": [
                        [
                            "match": [["uri": ["regex": .string(prefix)]]], "timeout": .string(timeout),
                            "route": [["destination": ["host": "reviews"]]],
                        ]
                    ],
                ],
            ])
        }

        private func wait(
            _ site: ControlPlaneSite, _ replica: ControlPlaneReplica, for what: String,
            _ holds: @escaping @Sendable (Condition) -> Bool
        ) async throws {
            let key = site.key("told")
            do {
                try await site.cluster.client.wait(Self.resource, key, what, within: .seconds(60)) { object in
                    let conditions = (object?.json["status", "conditions"]?.array ?? []).compactMap(Condition.init)
                    return conditions.contains { $0.type == ConfigurationStatus.conditionType && holds($0) }
                }
            } catch {
                let found = try await site.cluster.client.find(Self.resource, key)
                Issue.record(
                    "\(found?.json.prettyJSONText ?? "gone")\n\(replica.log.entries.map { "\($0)" }.joined(separator: "\n"))"
                )
                throw error
            }
        }

        @Test func aFaultIsToldAndItsMending() async throws {
            try await ControlPlaneSite.with { site in
                let client = site.cluster.client
                let definition = UnstructuredObject(CustomResource.virtualService.definition(hasRules: false))
                _ = try await client.apply(
                    .customResourceDefinitions, definition, fieldManager: "kubectl", force: true)
                try await client.wait(.customResourceDefinitions, definition.key, "established") { found in
                    (found?.json["status", "conditions"]?.array ?? []).contains {
                        $0["type"] == "Established" && $0["status"] == "True"
                    }
                }
                try await site.withReplica("istiod-1") { replica in
                    try await replica.waitUntilReady()
                    let broken = virtualService(site, timeout: "1s", prefix: "/a(b")
                    _ = try await client.apply(Self.resource, broken, fieldManager: "t", force: true)
                    try await wait(site, replica, for: "the fault") { condition in
                        condition.status == .false && condition.message.contains("spec.http[0].match[0].uri")
                    }
                    let mended = virtualService(site, timeout: "1s", prefix: "/a")
                    _ = try await client.apply(Self.resource, mended, fieldManager: "t", force: true)
                    try await wait(site, replica, for: "its mending") { $0.status == .true && $0.reason == "Accepted" }
                    // What was told once is about the object as it is, also when there is nothing new to say.
                    let edited = virtualService(site, timeout: "2s", prefix: "/a")
                    let live = try await client.apply(Self.resource, edited, fieldManager: "t", force: true)
                    let generation = live.metadata.generation
                    try await wait(site, replica, for: "its next generation") { $0.observedGeneration == generation }
                }
                _ = try await client.delete(.customResourceDefinitions, definition.key)
            }
        }
    }
}
